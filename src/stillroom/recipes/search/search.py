"""A student is drawn, measured, trained if it is within the budget, and judged on validation data; and again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillroom.export.onnx.footprint import footprint
from stillroom.export.onnx.graph import write_graph
from stillroom.models.bedside.backbones import build_network
from stillroom.recipes.bedside.distil import learn
from stillroom.recipes.bedside.shared import BedsideRun, read_json
from stillroom.recipes.bedside.teach import prepare, signals, teach
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.events import EventLog
from stillroom.recipes.loading import load_bedside
from stillroom.recipes.pipeline.shared import RECORD_FILE
from stillroom.recipes.search.result import ANYTHING, MIB, Budget, Search, Tried, over_budget
from stillroom.recipes.search.space import Space, parse_space
from stillroom.recipes.stages import Stages
from stillroom.recipes.sweeps.sharing import offer
from stillroom.report.search import render_search
from stillroom.train.best import best_step, task_losses
from stillroom.train.settings import TrainSettings
from stillroom.types import (
    MissingExtraError,
    ModelError,
    Progress,
    RecipeError,
    SignalError,
    TrainError,
    silent,
)
from stillroom.types.files import fingerprint, write_json
from stillroom.types.record import VALIDATION, TrainRecord

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

SEARCH_FILE, SEARCH_PAGE = "search.json", "search.html"
_JOURNAL, _IDENTITY, _WRITTEN = "search.journal", "identity", "written"
_TIMED = 200


def search(
    recipe: BedsideRecipe,
    items: Sequence[str],
    runs_dir: Path,
    *,
    trials: int,
    budget: Budget = ANYTHING,
    progress: Progress = silent,
) -> Search:
    """Search the student of a bedside recipe: small loss, time and memory at once (Optuna's multi-objective TPE).

    Each student is exported untrained and measured in a process of its own on this machine; one that is over the
    budget is not trained. The others learn from the recipe's teachers, from its first seed. The test split is not
    touched. A search that was stopped goes on where it was; a trial that was under way is tried again.

    Source: Akiba et al. 2019 (arXiv:1907.10902); Ozaki et al. 2020, multiobjective TPE (doi:10.1145/3377930.3389817).

    Args:
        recipe: whose student is searched.
        items: as in :func:`~stillroom.recipes.search.space.parse_space`.
        runs_dir: the search lies in ``runs_dir / (recipe.name + ".search")``.
        trials: students in all, those of earlier calls included.
        budget: what a student may cost.
        progress: is told how far each stage is.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    space = parse_space(items)
    folder = runs_dir / f"{recipe.name}.search"
    base = _recipe(recipe, space.fixed)
    offer(
        folder, [runs_dir / recipe.name], ("cohort", *(f"teach.{name}" for name in base.teachers), "signals")
    )
    with Stages(folder, progress, EventLog(folder / "events.jsonl")) as stages:
        identity = fingerprint([base.model_dump(mode="json"), sorted(items), astuple(budget)])
        study = _study(folder / _JOURNAL, identity, base.seed)
        run = BedsideRun(base, stages, progress)
        for step in (prepare, teach, signals):
            step(run)
        while len(_finished(study)) < trials:
            progress("search", len(_finished(study)), trials)
            _try(study, space, run, base, budget)
        progress("search", trials, trials)
    found = Search(recipe.name, folder, budget, tuple(map(_tried, _finished(study))))
    write_json(folder / SEARCH_FILE, found.to_dict())
    render_search(found.name, found.to_dict()).save(folder / SEARCH_PAGE)
    return found


def _try(study: Study, space: Space, run: BedsideRun, base: BedsideRecipe, budget: Budget) -> None:
    from optuna.trial import TrialState

    trial = study.ask()
    written = space.drawn(trial)
    trial.set_user_attr(_WRITTEN, written)
    try:
        run.recipe = _recipe(base, [f"{key}={value}" for key, value in written.items()])
        reason = _measure(trial, run, budget)
        if not reason:
            loss = _trained(run)
            study.tell(trial, [loss, trial.user_attrs["answer_ms"], trial.user_attrs["memory_mib"]])
            return
    except (RecipeError, ModelError, TrainError, SignalError) as error:
        reason = str(error)
    trial.set_user_attr("reason", reason)
    study.tell(trial, state=TrialState.PRUNED)


def _trained(run: BedsideRun) -> float:
    """Train the student of the first seed; return its loss on validation data."""
    seed = run.recipe.seeds[0]
    learn(run, "student", seed)
    record = TrainRecord.from_dict(read_json(run.done[f"student.{seed}"].path / RECORD_FILE))
    return _kept_loss(record, run.recipe.train)


def _measure(trial: Trial, run: BedsideRun, budget: Budget) -> str:
    """Measure the untrained student; say what is over the budget, or ``""``."""
    network = build_network(run.recipe.student, run.form, run.recipe.seeds[0])
    network.fit_inputs(run.cases("train"))
    graph = run.stages.run_dir / "candidate.onnx"
    write_graph(network.eval(), run.form, [1.0], graph)
    cost = footprint(graph, run.cases("validation"), _TIMED)
    memory_mib = cost.memory_bytes / MIB
    for name, value in (
        ("answer_ms", cost.answer_ms),
        ("memory_mib", memory_mib),
        ("parameters", network.parameters_count),
    ):
        trial.set_user_attr(name, value)
    for name, value, most in (
        ("answer_ms", cost.answer_ms, budget.answer_ms),
        ("memory_mib", memory_mib, budget.memory_mib),
    ):
        if most is not None:
            trial.set_constraint(name, value - most)
    return over_budget(cost.answer_ms, memory_mib, budget)


def _kept_loss(record: TrainRecord, settings: TrainSettings) -> float:
    """The task's validation loss of the weights that were kept."""
    early = settings.early_stopping
    kept = best_step(record.points, early) if early is not None else 0
    losses = task_losses(record.points, VALIDATION)
    return dict(losses).get(kept, losses[-1][1])


def _recipe(recipe: BedsideRecipe, changes: Sequence[str]) -> BedsideRecipe:
    return load_bedside(recipe.model_dump(mode="json"), changes)


def _study(journal: Path, identity: str, seed: int) -> Study:
    """Open the search's journal, or begin it; what a killed search left half-way is tried again.

    Raises:
        MissingExtraError: Optuna is absent.
        RecipeError: the folder holds the search of another recipe, space or budget.
    """
    try:
        import optuna
        from optuna.storages.journal import JournalFileBackend
    except ImportError as error:
        raise MissingExtraError.of("optuna", "search") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=optuna.storages.JournalStorage(JournalFileBackend(str(journal))),
        study_name="search",
        directions=["minimize"] * 3,
        load_if_exists=True,
    )
    if study.user_attrs.setdefault(_IDENTITY, identity) != identity:
        raise RecipeError(
            f"{journal.parent} holds the search of another recipe, space or budget",
            "the same as before",
            "give the recipe another name, or delete the folder",
        )
    study.set_user_attr(_IDENTITY, identity)
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials), multivariate=True)
    running = optuna.trial.TrialState.RUNNING
    for trial in study.get_trials(deepcopy=False, states=(running,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if trial.params:
            study.enqueue_trial(trial.params)
    return study


def _finished(study: Study) -> list[FrozenTrial]:
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))


def _tried(trial: FrozenTrial) -> Tried:
    told: Callable[[str], Any] = trial.user_attrs.get
    return Tried(
        trial.number,
        told(_WRITTEN),
        trial.values[0] if trial.values else None,
        told("answer_ms"),
        told("memory_mib"),
        told("parameters"),
        told("reason") or "",
    )
