"""``stillroom sites``: every hospital held out in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_table

if TYPE_CHECKING:
    from stillroom.recipes.sites import HeldOut
    from stillroom.types import Metric


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: stillroom sites heart-disease data.folder=PATH")(sites)


def sites(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A shipped recipe's name, or the path of a YAML file.")
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]", help="Changes to the recipe.")
    ] = None,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
) -> None:
    """Run a recipe once for each hospital, which is then the test split whole, and set the figures side by side."""
    from stillroom.recipes.sites import leave_one_site_out
    from stillroom.report.names import metric_name

    with shown_progress() as progress:
        found = leave_one_site_out(recipe, overrides or (), runs, progress)
    typer.echo(
        f"{metric_name(found[0].primary)}, 95 % intervals; nobody learned from the hospital that tests"
    )
    print_table(
        ["Held out", "Patients", "Teacher", "Control", "Student", "Bundle", "Student − control", "− teacher"],
        rows(found),
    )


def rows(found: Sequence[HeldOut]) -> Iterator[list[str]]:
    """A row for each hospital, and the means."""
    columns = [
        [
            *(of.figure(who) for who in ("teacher", "control", "student", "bundle")),
            of.against("control"),
            of.against("teacher"),
        ]
        for of in found
    ]
    for of, figures in zip(found, columns, strict=True):
        yield [of.site, f"{max(m.n for m in figures if m is not None)}", *map(_shown, figures)]
    means = [[m.value for m in column if m is not None] for column in zip(*columns, strict=True)]
    yield ["mean", "", *(f"{sum(values) / len(values):.3f}" if values else "–" for values in means)]


def _shown(metric: Metric | None) -> str:
    if metric is None:
        return "–"
    if metric.ci_low is None or metric.ci_high is None:
        return f"{metric.value:.3f}"
    return f"{metric.value:.3f} ({metric.ci_low:.3f} to {metric.ci_high:.3f})"
