"""``stillroom losses``: looking before running."""

from __future__ import annotations

from typing import Annotated

import typer

from stillroom.cli.losses import print_loss, print_losses, to_json
from stillroom.types import StillroomError, did_you_mean


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: stillroom losses forward_kl")(losses)


def losses(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A loss, to see its contract.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """List the distillation losses that an objective is made of, or show one: formula, ranges, needs, cost."""
    from stillroom.losses import LOSSES
    from stillroom.losses.describe import describe

    if name is not None and name not in LOSSES:
        raise StillroomError(
            f"unknown loss {name!r}", "a name that `stillroom losses` lists", did_you_mean(name, LOSSES)
        )
    cards = [describe(known) for known in (LOSSES if name is None else [name])]
    if as_json:
        typer.echo(to_json(cards, whole=name is None))
    elif name is None:
        print_losses(cards)
    else:
        print_loss(cards[0])
