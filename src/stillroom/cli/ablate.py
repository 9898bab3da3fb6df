"""``stillroom ablate``: what each part of a recipe's objective is worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.sweep import numbers
from stillroom.cli.tables import print_table

if TYPE_CHECKING:
    from stillroom.recipes.sweeps.ablation import Ablation


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: stillroom ablate multi-granularity-cpu train.steps=80 --seeds 1,2,3")(ablate)


def ablate(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A shipped recipe's name, or the path of a YAML file.")
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE...]", help="Changes to the recipe.")
    ] = None,
    seeds: Annotated[
        str, typer.Option("--seeds", metavar="N,N,...", help="Seeds of student and control.")
    ] = "",
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Switch the parts of the objective on one after the other, at the same budget, and show what each adds.

    A part that does not help is shown as such. Figures are those of validation data.
    """
    from stillroom.recipes.loading import load_language
    from stillroom.recipes.sweeps.ablation import ablate as run_ablation

    with shown_progress() as progress:
        found = run_ablation(
            load_language(recipe, overrides or ()), runs, seeds=numbers(seeds), progress=progress
        )
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(found)


def _print(found: Ablation) -> None:
    first = found.rows[0]
    controls = [f"{figures.control:.3f}" for figures in first.by_seed.values()]
    rows = [("hard labels alone (the control)", "; ".join(controls), "", "")]
    before = {seed: figures.control for seed, figures in first.by_seed.items()}
    for row in found.rows:
        steps = [figures.student - before[seed] for seed, figures in row.by_seed.items()]
        before = {seed: figures.student for seed, figures in row.by_seed.items()}
        margins = [
            f"{f.margin:+.3f} [{f.margin_low:+.3f}, {f.margin_high:+.3f}]" for f in row.by_seed.values()
        ]
        students = [f"{f.student:.3f}" for f in row.by_seed.values()]
        added = "; ".join(f"{step:+.3f}" for step in steps)
        verdict = "" if min(steps) < 0 else "  does not help"
        rows.append((f"+ {row.part}", "; ".join(students), f"{added}{verdict}", "; ".join(margins)))
    print_table(("objective", "nats/token", "step", "student − control [95 %]"), rows)
    typer.echo(f"validation data, one figure for each seed; all of them: {found.folder / 'ablation.json'}")
