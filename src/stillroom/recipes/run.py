"""The one place where the rooms are joined: a recipe becomes a run folder."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

import transformers

from stillroom.recipes.bedside.run import run_bedside
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.engines.choose import engine_of
from stillroom.recipes.engines.engine import LocalEngine
from stillroom.recipes.engines.settings import LocalEngineSettings
from stillroom.recipes.events import EventLog
from stillroom.recipes.followed import FollowedStages
from stillroom.recipes.launch import number_of_processes
from stillroom.recipes.loading import load, to_yaml
from stillroom.recipes.manifest import write_manifest
from stillroom.recipes.pipeline import STEPS, Pipeline
from stillroom.recipes.plan import PUBLISHED, check_stages, pieces, stages_until
from stillroom.recipes.processes import Follower, Leader, joined
from stillroom.recipes.result import RunResult
from stillroom.recipes.schema import Recipe
from stillroom.recipes.stages import Stage, Stages
from stillroom.types import Evidence, Progress, RecipeError, silent
from stillroom.types.files import write_text


def run(
    recipe: Recipe | BedsideRecipe | str | Path,
    runs_dir: Path = Path("runs"),
    *,
    until: str | None = None,
    fresh: Collection[str] = (),
    progress: Progress = silent,
) -> RunResult:
    """Run a recipe, keeping every stage whose recipe lines and parents are unchanged.

    Started by a launcher (``accelerate launch``, ``torchrun``, ``stillroom run --processes``) in several processes,
    all of them train together; the first one makes everything else, writes and reports progress, and holds the
    folder. If one of them fails, all end, and the first one says why.

    Args:
        recipe: what to do: a recipe, or the name or path of one.
        runs_dir: the run goes to ``runs_dir / recipe.name``.
        until: stop after this stage; by default the whole run.
        fresh: stages to make again even if they are kept.
        progress: is told how far each stage is.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    check_stages([until] if until else [])
    again = pieces(fresh)
    recipe = load(recipe) if isinstance(recipe, str | Path) else recipe
    transformers.utils.logging.disable_progress_bar()
    run_dir = runs_dir / recipe.name
    if isinstance(recipe, BedsideRecipe):
        made = run_bedside(recipe, run_dir, until, again, progress)
        return _result(run_dir, made, published=until in (None, PUBLISHED))
    with joined() as processes:
        if isinstance(processes, Follower):
            return _follow(recipe, run_dir, until, processes)
        return _lead(recipe, run_dir, until, again, progress, processes)


def _lead(
    recipe: Recipe,
    run_dir: Path,
    until: str | None,
    again: Collection[str],
    progress: Progress,
    processes: Leader,
) -> RunResult:
    _check_engine(recipe)
    events = EventLog(run_dir / "events.jsonl")
    with (
        engine_of(recipe.engine) as engine,
        Stages(run_dir, progress, events, again, processes.tell) as stages,
    ):
        write_text(run_dir / "recipe.yaml", to_yaml(recipe))
        pipeline = Pipeline(recipe, stages, progress, engine)
        for name in stages_until(until):
            STEPS[name](pipeline)
            write_manifest(run_dir, recipe, stages.finished)
        return _result(run_dir, stages.finished, published=until in (None, PUBLISHED))


def _follow(recipe: Recipe, run_dir: Path, until: str | None, processes: Follower) -> RunResult:
    stages = FollowedStages(run_dir, processes.hear)
    pipeline = Pipeline(recipe, stages, silent, LocalEngine())
    for name in stages_until(until):
        if name != PUBLISHED:
            STEPS[name](pipeline)
    processes.hear()
    return _result(run_dir, stages.finished, published=until in (None, PUBLISHED))


def _check_engine(recipe: Recipe) -> None:
    if number_of_processes() > 1 and not isinstance(recipe.engine, LocalEngineSettings):
        raise RecipeError(
            f"`engine: {recipe.engine.kind}` in {number_of_processes()} processes of a launcher",
            "one process, which the cluster's workers join",
            "start it with plain `stillroom run`, or set `engine.kind: local`",
        )


def _result(run_dir: Path, finished: Sequence[Stage], *, published: bool) -> RunResult:
    measured = {stage.name: stage.path / "evidence.json" for stage in finished}.get("validate")
    evidence, report = run_dir / "evidence.json" if published else measured, run_dir / "report.html"
    return RunResult(
        run_dir=run_dir,
        evidence=Evidence.from_dict(json.loads(evidence.read_text("utf-8"))) if evidence else None,
        report_path=report if published else None,
        seconds=sum(stage.record.seconds for stage in finished),
        peak_memory_bytes=max(stage.record.peak_memory_bytes for stage in finished),
    )
