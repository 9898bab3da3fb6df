"""``stillroom purge``: removing what was derived from data."""

from __future__ import annotations

import typer

from stillroom.cli import signals

app = typer.Typer(
    help="Remove what was derived from a run's data.",
    epilog="Example: stillroom purge signals quickstart",
    no_args_is_help=True,
)


@app.callback()
def purge() -> None:
    """Remove what was derived from a run's data."""


app.command("signals", epilog="Example: stillroom purge signals quickstart --runs /data/runs")(signals.purge)
