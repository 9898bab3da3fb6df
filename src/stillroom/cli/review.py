"""``stillroom review``: answers put before experts, and what they found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_fields, print_table

if TYPE_CHECKING:
    from stillroom.validate.review.result import Kappa, Rate, Review

app = typer.Typer(
    help="Put answers of teacher and student before experts, blinded, and sum up what they found.",
    epilog="Example: stillroom review make quickstart --items 30, then: stillroom review read review/key.json *.csv",
    no_args_is_help=True,
)


@app.command(epilog="Example: stillroom review make quickstart --items 30 --folder review")
def make(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A finished run's name: its recipe's.")],
    items: Annotated[int, typer.Option("--items", min=1, help="How many test questions.")] = 30,
    folder: Annotated[Path, typer.Option("--folder", metavar="DIR", help="Where the kit is written.")] = Path(
        "review"
    ),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the choice and of the order.")] = 0,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
) -> None:
    """Write a kit: a spreadsheet and a page for the raters, and a key that says who answered what. Keep the key."""
    from stillroom.recipes.reviewing import make_review

    with shown_progress() as progress:
        answers = make_review(runs / run, folder, items=items, seed=seed, progress=progress)
    typer.echo(
        f"{len(answers)} answers in {folder}: send review.html or review.csv to each rater; keep key.json"
    )


@app.command(epilog="Example: stillroom review read review/key.json anna.csv ben.csv")
def read(
    key: Annotated[Path, typer.Argument(metavar="KEY", help="The kit's key.json.")],
    forms: Annotated[
        list[Path], typer.Argument(metavar="FORM…", help="Filled forms, a file for each rater.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Sum up filled forms: critical errors with exact 95 % intervals, ratings, agreement of the raters."""
    from stillroom.validate.review.filled import read_forms
    from stillroom.validate.review.result import review

    found = review(read_forms(forms, key))
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
        return
    print_fields(_critical(found))
    print_table(["Rating", *found.ratings], _ratings(found))
    print_fields((f"agreement, {name}", _agreement(kappa)) for name, kappa in found.agreement.items())
    for rater, wrong in found.misled.items():
        if wrong:
            typer.echo(
                f"{rater} misjudged {wrong} of the 2 answers whose judgement is known; look at that form again"
            )
    if found.open_ratings:
        typer.echo(f"{found.open_ratings} ratings were left open")


def _critical(found: Review) -> Iterator[tuple[str, str]]:
    for model, rate in found.critical.items():
        yield (
            f"critical errors, {model}",
            f"{_rate(rate)} by any rater; {_rate(found.critical_all[model])} by all",
        )


def _rate(rate: Rate) -> str:
    share = f"{100 * rate.events / rate.n:.1f} % " if rate.n else ""
    return f"{rate.events} of {rate.n}: {share}({100 * rate.low:.1f} to {100 * rate.high:.1f} %)"


def _ratings(found: Review) -> Iterator[list[str]]:
    for column in next(iter(found.ratings.values()), {}):
        told = (of[column] for of in found.ratings.values())
        yield [
            column,
            *(", ".join(f"{choice} {count}" for choice, count in counts.items()) for counts in told),
        ]


def _agreement(kappa: Kappa) -> str:
    size = f"{kappa.answers} answers, {kappa.raters} raters"
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return f"all said the same one thing, so chance-corrected agreement is not defined; {size}"
    return f"{kappa.kind}'s κ {kappa.value:.2f} ({kappa.low:.2f} to {kappa.high:.2f}); {size}"
