"""``stillroom signals``: the stage's verb, and looking at or removing what it recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stillroom.cli.tables import print_fields
from stillroom.cli.verbs import stage_app

if TYPE_CHECKING:
    from stillroom.signals.facts import StoreFacts

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's name: its recipe's.")]
Runs = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")]
_RUNS = Path("runs")


app = stage_app(
    "signals",
    "collect",
    "Run up to here: record what the teacher knows about every training example. Or look at what a run recorded, "
    "or remove it.",
)


@app.command(epilog="Example: stillroom signals show quickstart --json")
def show(
    run: Run,
    runs: Runs = _RUNS,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Say what a run recorded of its teacher: kind, rows, tokens, bytes, encryption. No text is read, no key needed."""
    from stillroom.recipes.stored import run_signals

    found = run_signals(runs / run)
    if as_json:
        stores = {str(folder): facts.to_dict() for folder, facts in found.stores.items()}
        plain = {"stores": stores, "live": found.live, "unfinished_bytes": found.unfinished_bytes}
        typer.echo(json.dumps(plain, indent=2))
        return
    for folder, facts in found.stores.items():
        print_fields([("folder", str(folder)), *_fields(facts)])
    if found.live:
        typer.echo(f"{runs / run} asks its teacher live; nothing is recorded")
    elif not found.stores:
        typer.echo(f"{runs / run} holds no finished signals")
    if found.unfinished_bytes:
        typer.echo(f"unfinished: {found.unfinished_bytes / 1e6:.1f} MB")


@app.command(epilog="Example: stillroom signals purge quickstart --runs /data/runs")
def purge(run: Run, runs: Runs = _RUNS) -> None:
    """Remove the recorded signals of a run, and say what was removed. They are derived from its training texts."""
    from stillroom.recipes.stored import purge_signals

    removed = purge_signals(runs / run)
    for item in removed:
        typer.echo(f"removed {item.folder}: {item.files} files, {item.bytes / 1e6:.1f} MB")
    if not removed:
        typer.echo(f"{runs / run} holds no signals; nothing was removed")


def _fields(facts: StoreFacts) -> list[tuple[str, str]]:
    recording = facts.recording
    temperature = recording["temperature"]
    matrix = f", and {facts.matrix_bytes / 1e6:.1f} MB of output matrix" if facts.matrix_bytes else ""
    return [
        ("targets", _words(recording["targets"])),
        ("temperature", "any" if temperature is None else f"{temperature:g}"),
        (
            "layers",
            f"{_list(recording['layers'])}, {recording['layer_format']}" if recording["layers"] else "none",
        ),
        ("attention", _attention(recording.get("attention"))),
        ("rows", f"{facts.rows:,}"),
        ("tokens", f"{facts.tokens:,} of responses"),
        ("size", f"{facts.bytes / 1e6:.1f} MB in {facts.shards} shards{matrix}"),
        ("bytes a token", f"{facts.bytes_per_token:,.1f}"),
        ("encrypted", "AES-256-GCM" if facts.encrypted else "no"),
        ("teacher", recording["teacher"]),
        ("tokenizer", recording["tokenizer"]),
    ]


def _words(targets: dict[str, Any]) -> str:
    more = (f"{name} {value}" for name, value in targets.items() if name != "kind")
    return ", ".join((targets["kind"], *more))


def _attention(kept: dict[str, Any] | None) -> str:
    if kept is None:
        return "none"
    heads = "mean of heads" if kept["mean"] else f"{kept['heads']} heads"
    return f"layers {_list(kept['layers'])}, {heads}, {kept['precision']}"


def _list(numbers: list[int]) -> str:
    return " ".join(map(str, numbers))
