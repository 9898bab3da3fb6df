"""``stillroom validate``: a recipe's evidence, or that of a bundle by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.run import DryRun, Fresh, Overrides, Processes, Runs, Sharding, run_recipe
from stillroom.cli.tables import print_gates, print_table
from stillroom.types import RecipeError

_RUNS = Path("runs")
_EPILOG = """Example: stillroom validate quickstart evaluate.tier=triage

Example: stillroom validate runs/icu-mortality/bundle --data physionet2012_icu --tier risk

Ends with 3 where a gate failed, with 4 where one is not demonstrated."""


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EPILOG)(validate)


def validate(
    subject: Annotated[
        str, typer.Argument(metavar="RECIPE|BUNDLE", help="A recipe, or the folder of an exported bundle.")
    ],
    overrides: Overrides = None,
    runs: Runs = _RUNS,
    fresh: Fresh = None,
    dry_run: DryRun = False,
    processes: Processes = None,
    sharding: Sharding = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Of a bundle: the task's data, or a prepared corpus."),
    ] = None,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="NAME", help="Of a bundle: rules held against it.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Of a bundle: where evidence goes; else beside it."),
    ] = None,
) -> None:
    """Run a recipe up to its evidence, or measure an exported bundle by itself, and decide by the gates.

    A bundle needs no run folder: its hashes are checked, its figures measured in its own runtime on the test split of
    the data that its recipe names, with the thresholds that it ships.
    """
    if Path(subject).is_dir():
        _refuse(
            subject,
            {"--fresh": fresh, "--dry-run": dry_run, "--processes": processes, "--sharding": sharding},
        )
        _validate_bundle(Path(subject), overrides, data, tier, output)
        return
    _refuse(subject, {"--data": data, "--tier": tier, "--output": output})
    run_recipe(subject, overrides, runs, fresh, (processes, sharding), until="validate", dry_run=dry_run)


def _refuse(subject: str, options: dict[str, object]) -> None:
    for name, given in options.items():
        if given:
            kind = "a bundle" if Path(subject).is_dir() else "a recipe"
            raise RecipeError(f"{name} for {subject}, which is {kind}", "options of its own", "leave it out")


def _validate_bundle(
    folder: Path, overrides: list[str] | None, data: Path | None, tier: str | None, output: Path | None
) -> None:
    from stillroom.recipes.bundled.validate import validate_bundle
    from stillroom.report.summary import subject_rows
    from stillroom.validate import exit_code

    with shown_progress() as progress:
        found = validate_bundle(
            folder, overrides or (), data=data, tier=tier, output=output, progress=progress
        )
    head, *rows = subject_rows(found.evidence, "bundle")
    print_table(head, rows)
    print_gates(found.evidence.gates)
    typer.echo(str((found.evidence.facts or {})["data"]))
    if found.left_open:
        typer.echo(f"not judged here, for they need other subjects: {'; '.join(found.left_open)}")
    typer.echo(f"evidence: {found.folder}")
    if code := exit_code(found.evidence):
        raise typer.Exit(code)
