"""``stillroom run`` and one verb for each stage."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer

from stillroom.cli.corpus import print_corpus, print_sources
from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_result
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.recipes import Recipe, load, to_yaml
from stillroom.recipes.launch import is_first, launched
from stillroom.recipes.plan import STAGES, pieces
from stillroom.train.shardings import environment
from stillroom.types import Progress, silent
from stillroom.validate import exit_code

Name = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A shipped recipe's name, or the path of a YAML file.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Argument(metavar="KEY=VALUE", help="Changes to the recipe, such as train.steps=50."),
]
Runs = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")]
Fresh = Annotated[
    list[str] | None, typer.Option("--fresh", metavar="STAGE", help="Make this stage again. Repeatable.")
]
Processes = Annotated[
    int | None,
    typer.Option("--processes", min=1, metavar="N", help="Train in N processes on this machine."),
]
Sharding = Annotated[
    str | None,
    typer.Option(
        "--sharding",
        metavar="NAME",
        help="Divide weights, gradients and optimiser among the processes: fsdp2.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check the recipe, print it, and stop.")]
_RUNS = Path("runs")
_WITH_COMMANDS = ("signals", "validate", "report")


def add_to(app: typer.Typer) -> None:
    """Add ``run`` and the stages' verbs, but for those that have commands of their own."""
    example = "stillroom run quickstart train.steps=50 --runs /data/runs"
    app.command("run", epilog=f"Example: {example}")(run_all)
    for stage in STAGES:
        if stage not in _WITH_COMMANDS:
            add_verb(app, stage, name=stage)


def add_verb(app: typer.Typer, stage: str, *, name: str) -> None:
    """Add the verb of a stage under a name."""
    epilog = f"Example: stillroom {stage} quickstart"
    app.command(name, help=f"Run up to here: {STAGES[stage]}.", epilog=epilog)(_verb(stage))


def run_all(
    recipe: Name,
    overrides: Overrides = None,
    runs: Runs = _RUNS,
    fresh: Fresh = None,
    dry_run: DryRun = False,
    processes: Processes = None,
    sharding: Sharding = None,
) -> None:
    """Run a recipe from its data to its report. What is already done is kept."""
    run_recipe(recipe, overrides, runs, fresh, (processes, sharding), until=None, dry_run=dry_run)


def _verb(stage: str) -> Callable[..., None]:
    def verb(
        recipe: Name,
        overrides: Overrides = None,
        runs: Runs = _RUNS,
        fresh: Fresh = None,
        dry_run: DryRun = False,
        processes: Processes = None,
        sharding: Sharding = None,
    ) -> None:
        run_recipe(recipe, overrides, runs, fresh, (processes, sharding), until=stage, dry_run=dry_run)

    return verb


def run_recipe(
    name: str,
    overrides: list[str] | None,
    runs: Path,
    fresh: list[str] | None,
    shared: tuple[int | None, str | None],
    *,
    until: str | None,
    dry_run: bool = False,
) -> None:
    """Run a recipe up to a stage, show its progress, and print what came of it; after ``validate`` end by its gates."""
    recipe = load(name, overrides or ())
    pieces(fresh or ())
    if dry_run:
        typer.echo(to_yaml(recipe), nl=False)
        typer.echo(f"# valid; a run would go to {runs / recipe.name}")
        if isinstance(recipe, Recipe) and isinstance(recipe.corpus, ClinicalSettings):
            print_sources(recipe.corpus)
        return
    processes, sharding = shared
    command = [sys.executable, "-m", "stillroom", *sys.argv[1:]]
    with launched(processes, command, environment(sharding)), _shown() as progress:
        from stillroom.recipes import run

        result = run(recipe, runs, until=until, fresh=fresh or (), progress=progress)
    if is_first():
        if until == "prepare" and isinstance(recipe, Recipe):
            print_corpus(result.run_dir / "corpus")
        print_result(result)
        if until == "validate" and result.evidence is not None and (code := exit_code(result.evidence)):
            raise typer.Exit(code)


def _shown() -> AbstractContextManager[Progress]:
    """Progress of the first process; the others have the same."""
    return shown_progress() if is_first() else nullcontext(silent)
