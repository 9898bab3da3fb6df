"""One method on a language-model task: a run for each seed, measured together on the test split."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from stillroom.models import LanguageModel, TorchPredictor
from stillroom.recipes.engines.engine import LocalEngine
from stillroom.recipes.pipeline import STEPS, Pipeline
from stillroom.recipes.plan import stages_until
from stillroom.recipes.schema import Recipe
from stillroom.recipes.stages import Stages
from stillroom.recipes.suite.found import Found, found_of
from stillroom.recipes.sweeps.sharing import SharedRuns
from stillroom.types import Corpus, Evidence, Progress, Subject
from stillroom.types.files import write_json
from stillroom.validate.comparison import Found as Estimates
from stillroom.validate.comparison import compared, to_metric
from stillroom.validate.families import Bench, measure_choices, measure_tokens
from stillroom.validate.metrics import METRICS
from stillroom.validate.seeds import of_each_seed, over_seeds
from stillroom.validate.statistics.bootstrap import Estimate

_FIGURES = ("log_perplexity", "token_accuracy", "choice_accuracy", "ece")
_DRAWS, _ABOUT = "draws.safetensors", "estimates.json"

Verify = Callable[[Corpus], None]


def run_language_cell(
    recipes: Mapping[int, Recipe], runs: SharedRuns, figure: str, verify: Verify, progress: Progress
) -> Found:
    """Make or keep the runs of every seed, and say what was found.

    Args:
        recipes: by seed, the task's recipe with the method's objective.
        runs: where they lie; each is offered what those before it made.
        figure: by which the task is ranked.
        verify: refuses a corpus with other splits, before anything is trained.
        progress: is told how far each stage is.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    estimates, facts = [], []
    for recipe in recipes.values():
        found, told = _run(recipe, runs.opened(recipe), verify, progress)
        estimates.append(found)
        facts.append(told)
    seeds, draws = list(recipes), next(iter(recipes.values())).evaluate.seed
    together = over_seeds(estimates, draws)
    differences = {key: of for key, of in compared(together).items() if key[0] in METRICS}
    metrics = [to_metric(key, of, "test") for key, of in {**together, **differences}.items()]
    each = of_each_seed(estimates, seeds, _FIGURES, "test") if len(seeds) > 1 else ()
    seconds = sum(told["seconds"] for told in facts)
    return found_of(Evidence((*metrics, *each)), figure, seeds, {**facts[0], "seconds": seconds})


def _run(
    recipe: Recipe, run_dir: Path, verify: Verify, progress: Progress
) -> tuple[Estimates, Mapping[str, Any]]:
    with Stages(run_dir, progress) as stages:
        run = Pipeline(recipe, stages, progress, LocalEngine())
        for name in stages_until("distil"):
            STEPS[name](run)
            if name == "prepare":
                verify(run.corpus)
        found: Estimates = {}
        for subject, stage, load in _subjects(run):
            found |= _measured(run, subject, stage, load)
        return found, _facts(run)


def _subjects(run: Pipeline) -> Sequence[tuple[Subject, str, Callable[[], LanguageModel]]]:
    return (
        ("teacher", "teach", run.teacher),
        ("control", "control", lambda: run.model("control")),
        ("student", "student", lambda: run.model("student")),
    )


def _measured(run: Pipeline, subject: Subject, stage: str, load: Callable[[], LanguageModel]) -> Estimates:
    """A subject's figures with their draws, a stage of its own: teacher and control are measured once for all."""

    def make(out: Path, work: Path) -> None:
        model = load()
        encoded = run.encoded(model, "test")
        predictor = TorchPredictor(model, precision=run.precision)
        bench = Bench(
            {subject: predictor},
            encoded.examples,
            encoded.rows,
            model.tokenizer,
            run.recipe.evaluate,
            run.progress,
        )
        _save({**measure_tokens(bench).found, **measure_choices(bench).found}, out)

    name = f"measure.{subject}"
    run.stage(name, run.lines("evaluate", "max_tokens"), make, parents=("prepare", stage))
    return _load(run.done[name].path, subject)


def _save(found: Estimates, out: Path) -> None:
    kept = {name: of for (name, part, _), of in found.items() if name in _FIGURES and not part}
    write_json(out / _ABOUT, {name: [of.value, of.units] for name, of in kept.items()})
    save_file({name: np.ascontiguousarray(of.draws) for name, of in kept.items()}, out / _DRAWS)


def _load(folder: Path, subject: Subject) -> Estimates:
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    draws = load_file(folder / _DRAWS)
    return {
        (name, "", subject): Estimate(value, draws[name], units) for name, (value, units) in about.items()
    }


def _facts(run: Pipeline) -> Mapping[str, Any]:
    splits = run.corpus.splits
    students = [run.done[stage] for stage in ("student", "measure.student")]
    network = run.model("student").network
    return {
        "items": {
            **{split: len(rows) for split, rows in splits.items()},
            "groups": len({row.group for row in splits["test"]}),
        },
        "teacher": run.recipe.teacher.model,
        "student": f"{network.config.num_hidden_layers} of its layers",
        "sizes": {"student_parameters": sum(weight.numel() for weight in network.parameters())},
        "fingerprint": run.corpus.fingerprint,
        "seconds": sum(stage.record.seconds for stage in students),
    }
