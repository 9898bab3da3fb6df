"""The commands, gathered."""

from __future__ import annotations

from typing import Annotated

import typer

from stillroom import __version__
from stillroom.cli import (
    ablate,
    bench,
    data,
    doctor,
    harness,
    look,
    models,
    personalise,
    purge,
    recipes,
    report,
    review,
    run,
    search,
    sharding,
    signals,
    sites,
    sweep,
    temperature,
    validate,
    vocabulary,
)

app = typer.Typer(
    name="stillroom",
    help="Distil a large clinical model into a small one, and write down the evidence.\n\n"
    "Research and assistive use under a clinician; never an autonomous diagnosis.",
    epilog="Start with: stillroom doctor, then: stillroom run quickstart",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


run.add_to(app)
validate.add_to(app)
app.add_typer(signals.app, name="signals")
app.add_typer(report.app, name="report")
app.add_typer(recipes.app, name="recipes")
app.add_typer(models.app, name="models")
app.add_typer(purge.app, name="purge")
app.add_typer(review.app, name="review")
app.add_typer(bench.app, name="bench")
app.add_typer(personalise.app, name="personalise")
data.add_to(app)
doctor.add_to(app)
sweep.add_to(app)
search.add_to(app)
sites.add_to(app)
ablate.add_to(app)
temperature.add_to(app)
look.add_to(app)
sharding.add_to(app)
vocabulary.add_to(app)
harness.add_to(app)
