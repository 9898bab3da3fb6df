"""``stillroom personalise``: a bundle at one patient's bedside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.tables import print_table

if TYPE_CHECKING:
    from stillroom.export.onnx.personal.history import History

app = typer.Typer(
    help="Adapt a bundle to one patient's first hours, behind a guard, and return to what it was.",
    epilog="Example: stillroom personalise update runs/icu-hypotension/bundle stay.csv --patient stays/17",
    no_args_is_help=True,
)

BundlePath = Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of a bundle with a change plan.")]
Stay = Annotated[
    Path,
    typer.Argument(metavar="MEASUREMENTS", help="CSV or Parquet of the stay: minute, parameter, value."),
]
Patient = Annotated[
    Path,
    typer.Option("--patient", metavar="DIR", help="Where the patient's history is kept, and nothing else."),
]
_EPILOG = "Example: stillroom personalise {} --patient stays/17"


@app.command(epilog=_EPILOG.format("update runs/icu-hypotension/bundle stay.csv"))
def update(bundle: BundlePath, measurements: Stay, patient: Patient) -> None:
    """Fit an update to the labels that have come true, and put it in force if the guard passes it.

    Ends with 3 where the update is refused; the model then stays as it was.
    """
    from stillroom.export.onnx.bundle import OnnxBundle
    from stillroom.recipes.bedside.personal import update_patient

    history = update_patient(OnnxBundle.open(bundle), measurements, patient)
    _print(history)
    if history.entries[-1].kind == "refusal":
        raise typer.Exit(3)


@app.command(epilog=_EPILOG.format("answer runs/icu-hypotension/bundle stay.csv"))
def answer(bundle: BundlePath, measurements: Stay, patient: Patient) -> None:
    """Answer the question that is due now, with what is in force for the patient."""
    from stillroom.export.onnx.bundle import OnnxBundle
    from stillroom.recipes.bedside.personal import answer_patient

    hour, risk, locked = answer_patient(OnnxBundle.open(bundle), measurements, patient)
    typer.echo(f"hour {hour:g}: risk {risk:.3f}; of the locked model {locked:.3f}")


@app.command(epilog=_EPILOG.format("show runs/icu-hypotension/bundle"))
def show(bundle: BundlePath, patient: Patient) -> None:
    """Show every update, refusal and return, and how far the patient lies from the population."""
    from stillroom.export.onnx.bundle import OnnxBundle
    from stillroom.export.onnx.personal.history import read_history

    _print(read_history(patient, OnnxBundle.open(bundle)))


@app.command(epilog=_EPILOG.format("rollback runs/icu-hypotension/bundle --to 1"))
def rollback(
    bundle: BundlePath,
    patient: Patient,
    to: Annotated[int, typer.Option("--to", min=0, help="Entry to return to; 0: the locked model.")] = 0,
) -> None:
    """Return to what was in force after an entry. Nothing is erased: the return is an entry of its own."""
    from stillroom.export.onnx.bundle import OnnxBundle
    from stillroom.export.onnx.personal.history import read_history

    history = read_history(patient, OnnxBundle.open(bundle)).rolled_back(to)
    history.save(patient)
    _print(history)


def _print(history: History) -> None:
    print_table(
        ["Entry", "Hour", "What", "Labels", "Risk, locked", "adapted", "Shift", "Why"], _rows(history)
    )


def _rows(history: History) -> Iterator[list[str]]:
    for entry in history.entries:
        risks = ["–" if risk is None else f"{risk:.3f}" for risk in (entry.risk_locked, entry.risk_adapted)]
        shift = f"{entry.bias:+.2f}" + (f" and {len(entry.weights)} weights" if entry.weights else "")
        yield [
            str(entry.number),
            f"{entry.hour:g}",
            entry.kind,
            str(entry.labels),
            *risks,
            shift,
            entry.reason,
        ]
