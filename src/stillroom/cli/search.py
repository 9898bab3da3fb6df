"""``stillroom search``: a bedside student under budgets of time and memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_table

if TYPE_CHECKING:
    from stillroom.recipes.search.result import Search, Tried


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        epilog="Example: stillroom search pneumonia data.folder=PATH student.blocks=1..3 student.kernel=3,5 "
        "objective.terms.soft.weight=0.1..2.0 --trials 20 --answer-ms 1"
    )(search)


def search(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE", help="A bedside recipe: a shipped one's name, or a YAML file's path."
        ),
    ],
    items: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[KEY=LOW..HIGH|VALUE,VALUE,...]",
            help="What is searched, under student, objective or train; with one value, a change of all.",
        ),
    ] = None,
    trials: Annotated[
        int, typer.Option("--trials", min=1, metavar="N", help="Students in all, earlier calls included.")
    ] = 20,
    answer_ms: Annotated[
        float | None, typer.Option("--answer-ms", metavar="MS", help="Most median time of an answer.")
    ] = None,
    memory_mib: Annotated[
        float | None, typer.Option("--memory-mib", metavar="MIB", help="Most memory of an answer.")
    ] = None,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Search the student of a bedside recipe: small loss on validation data, small time, small memory.

    A student is measured on this machine before it is trained; one over the budget is not trained. Run it again to go
    on. The test split is not touched: choose here, then run the recipe with the chosen values.
    """
    from stillroom.recipes.loading import load_bedside
    from stillroom.recipes.search.result import Budget
    from stillroom.recipes.search.search import search as run_search

    with shown_progress() as progress:
        found = run_search(
            load_bedside(recipe),
            items or [],
            runs,
            trials=trials,
            budget=Budget(answer_ms, memory_mib),
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(found)


def _print(found: Search) -> None:
    trained = [one for one in found.tried if one.loss is not None]
    if found.front:
        head = (*found.front[0].values, "loss", "ms", "MiB", "weights")
        print_table(head, map(_row, found.front))
    typer.echo(
        f"{len(found.tried)} students, {len(found.tried) - len(trained)} of them not trained (over the budget, or no "
        f"recipe); above, those that none is better than on validation data, the lowest loss first. "
        f"{found.folder / 'search.html'} shows all"
    )
    if found.front:
        changes = " ".join(f"'{key}={value}'" for key, value in found.front[0].values.items())
        typer.echo(f"stillroom run {found.name} {changes}")


def _row(one: Tried) -> tuple[str, ...]:
    loss, answer_ms, memory_mib = one.figures
    return (
        *one.values.values(),
        f"{loss:.4f}",
        f"{answer_ms:.3g}",
        f"{memory_mib:.3g}",
        f"{one.parameters:,}",
    )
