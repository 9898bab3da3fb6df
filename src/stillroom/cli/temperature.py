"""``stillroom temperature``: a temperature for a recipe, from its own teacher."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: stillroom temperature quickstart")(temperature)


def temperature(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A shipped recipe's name, or the path of a YAML file.")
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]", help="Changes to the recipe.")
    ] = None,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Find τ such that the teacher's top probability on hard validation tokens is 0.5 to 0.7 on the mean.

    The teacher must be ready: stillroom teach RECIPE.
    """
    from stillroom.recipes.loading import load_language
    from stillroom.recipes.planning.temperature import recommend

    chosen = load_language(recipe, overrides or ())
    found = recommend(chosen, runs / chosen.name)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
        return
    typer.echo(
        f"top probability of the teacher on the {found.hard_tokens} hardest of {found.tokens} validation tokens: "
        f"{found.top_probability:.2f} at τ = 1"
    )
    for aim, value in found.by_aim.items():
        typer.echo(f"  {aim:.1f} at τ = {'none' if value is None else f'{value:.2f}'}")
    typer.echo(f"advice: {found.advice}")
