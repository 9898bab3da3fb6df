"""One method on one bedside task: trained for every seed, and measured on the test split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stillroom.recipes.bedside.distil import distil
from stillroom.recipes.bedside.evidence import Said, measured
from stillroom.recipes.bedside.shared import BedsideRun, read_json
from stillroom.recipes.bedside.teach import prepare, signals, teach
from stillroom.recipes.bedside.trained import trained_answers
from stillroom.recipes.bedside.validate import teacher_bytes
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.evidence_files import EVIDENCE_FILE, write_evidence
from stillroom.recipes.stages import Stages
from stillroom.recipes.suite.deploy import deployed
from stillroom.recipes.suite.found import Found, found_of
from stillroom.types import Evidence, Progress, Split
from stillroom.types.cases import Cohort

_SPLITS: tuple[Split, ...] = ("validation", "test")

Verify = Callable[[Cohort], None]


def run_bedside_cell(
    recipe: BedsideRecipe,
    run_dir: Path,
    figure: str,
    verify: Verify,
    progress: Progress,
    *,
    deploy: bool,
) -> Found:
    """Make or keep every stage, and say what was found.

    Args:
        recipe: of the task, with the method's objective.
        run_dir: its folder.
        figure: by which the task is ranked.
        verify: refuses a cohort with other splits, before anything is trained.
        progress: is told how far each stage is.
        deploy: whether a student is exported and timed; it is the same for every method.

    Raises:
        StillroomError: one clear line; everything that was finished is kept.
    """
    with Stages(run_dir, progress) as stages:
        run = BedsideRun(recipe, stages, progress)
        prepare(run)
        verify(run.cohort)
        for step in (teach, signals, distil):
            step(run)
        _measure(run)
        evidence = Evidence.from_dict(read_json(run.done["measure"].path / EVIDENCE_FILE))
        costs = deployed(run, stages) if deploy else {}
        return found_of(evidence, figure, run.recipe.seeds, _facts(run, costs))


def _measure(run: BedsideRun) -> None:
    """Measure the student as it is; its bundle, which is the same network, is not exported for every method."""

    def make(out: Path, work: Path) -> None:
        write_evidence(out, measured(run, {seed: _said(run, seed) for seed in run.recipe.seeds}))

    parents = [name for name in run.done if not name.startswith("teach.")]
    run.stage("measure", run.lines("evaluate", "seed"), make, parents=parents, folder="measured")


def _said(run: BedsideRun, seed: int) -> dict[Split, Said]:
    """The student's answer to each case."""
    stage = f"student.{seed}"
    network = run.network(stage)
    return {split: trained_answers(run, stage, network, run.cases(split)) for split in _SPLITS}


def _facts(run: BedsideRun, costs: Mapping[str, Any]) -> Mapping[str, Any]:
    cohort, recipe = run.cohort, run.recipe
    students = [run.done[f"student.{seed}"] for seed in recipe.seeds]
    return {
        "items": {
            **{split: len(cases) for split, cases in cohort.splits.items()},
            "groups": len({case.group for case in cohort.splits["test"]}),
        },
        "teacher": " and ".join(f"{of.model.kind} × {of.folds}" for of in recipe.teachers.values()),
        "student": recipe.student.kind,
        "sizes": {
            "teacher_bytes": teacher_bytes(run),
            "student_parameters": students[0].facts["parameters"],
            **costs,
        },
        "fingerprint": cohort.fingerprint,
        "seconds": sum(stage.record.seconds for stage in (*students, run.done["measure"])),
    }
