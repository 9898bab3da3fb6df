"""``stillroom sharding``: files for ``accelerate launch``."""

from __future__ import annotations

from typing import Annotated

import typer

from stillroom.cli.tables import print_table
from stillroom.train.shardings import SHARDINGS, config_file

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="Print where this one's file is.")]


def add_to(app: typer.Typer) -> None:
    """Add ``sharding``."""
    launch = "accelerate launch --config_file $(stillroom sharding fsdp2) --num_processes 8 -m stillroom run RECIPE"
    app.command("sharding", epilog=f"Example: {launch}")(sharding)


def sharding(name: Name = None) -> None:
    """List the ways of dividing weights among processes, or print where one's Accelerate file is."""
    if name is None:
        print_table(("Sharding", "What is divided"), SHARDINGS.items())
    else:
        typer.echo(config_file(name))
