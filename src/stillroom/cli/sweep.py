"""``stillroom sweep``: a recipe at every point of a grid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_table
from stillroom.types import RecipeError

if TYPE_CHECKING:
    from stillroom.recipes.sweeps.sweep import Setting, Sweep


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog="Example: stillroom sweep quickstart objective.alpha=0.3,0.7 objective.temperature=1,2,4 --seeds 1,2"
    )(sweep)


def sweep(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A shipped recipe's name, or the path of a YAML file.")
    ],
    items: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=VALUE,VALUE,...]", help="What is varied; with a single value, a change of all runs."
        ),
    ] = None,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="N,N,...", help="Seeds of student and control.")
    ] = "",
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Train at every point of a grid and compare the students on validation data, each beside its control.

    Stages that points share are made once. The test split is not touched: choose here, then run the chosen recipe.
    """
    from stillroom.recipes.loading import load_language
    from stillroom.recipes.sweeps.sweep import sweep as run_sweep

    with shown_progress() as progress:
        found = run_sweep(load_language(recipe), items or [], runs, seeds=numbers(seeds), progress=progress)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(found)


def numbers(text: str) -> list[int]:
    """Read a list of seeds.

    Raises:
        RecipeError: something else.
    """
    try:
        return [int(number) for number in text.split(",") if number.strip()]
    except ValueError as error:
        raise RecipeError(f"--seeds {text!r}", "whole numbers", "write them like --seeds 1,2,3") from error


def _print(found: Sweep) -> None:
    keys = list(found.settings[0].values)
    head = (
        *(keys or ["recipe"]),
        "student",
        "± over seeds",
        "control",
        "student − control [95 %]",
        "KL to teacher",
    )
    print_table(head, [_row(setting) for setting in found.settings])
    typer.echo(
        f"nats/token on validation data, the best first; {found.folder / 'sweep.json'} holds every seed's figures"
    )


def _row(setting: Setting) -> tuple[str, ...]:
    spread = "" if setting.spread is None else f"{setting.spread:.3f}"
    margins = "; ".join(
        f"{figures.margin:+.3f} [{figures.margin_low:+.3f}, {figures.margin_high:+.3f}]"
        for figures in setting.by_seed.values()
    )
    distances = [f"{f.kl_to_teacher:.3f}" for f in setting.by_seed.values() if f.kl_to_teacher is not None]
    values = tuple(setting.values.values()) or ("as it is",)
    return (
        *values,
        f"{setting.student:.3f}",
        spread,
        f"{setting.control:.3f}",
        margins,
        "; ".join(distances),
    )
