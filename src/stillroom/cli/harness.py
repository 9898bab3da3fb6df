"""``stillroom harness``: multiple choice as published scores count it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from stillroom.cli.tables import print_table

_EXAMPLE = "stillroom harness runs/quickstart/bundle --tasks medqa,pubmedqa --folder /data --limit 100"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=f"Example: {_EXAMPLE}")(harness)


def harness(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A bundle's folder, or a model's name or folder.")
    ],
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="Holds a folder of each benchmark.")
    ],
    tasks: Annotated[
        str, typer.Option("--tasks", metavar="NAME,…", help="Of mmlu_medical, medmcqa, medqa, pubmedqa.")
    ] = "mmlu_medical,medmcqa,medqa,pubmedqa",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Most items of each task.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead.")] = False,
) -> None:
    """Score a model on MMLU's medical subjects, MedMCQA, MedQA and PubMedQA by log-likelihood, offline.

    Through lm-evaluation-harness, zero-shot, from local files; a bundle is scored in its own runtime.
    """
    from stillroom.recipes.harness import measure_by_harness

    found = measure_by_harness(model, [name.strip() for name in tasks.split(",")], folder, limit)
    if as_json:
        typer.echo(json.dumps([asdict(result) for result in found], indent=2))
        return
    print_table(
        ["Task", "Metric", "Right", "95 % interval", "Items"],
        [
            [
                r.task,
                r.metric,
                f"{100 * r.value:.1f} %",
                f"{100 * r.low:.1f} to {100 * r.high:.1f}",
                f"{r.n:,}",
            ]
            for r in found
        ],
    )
