"""Inside and outside of the domain, by every subject of every seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.tasks import read
from stillroom.recipes.bedside.answers import calibrated_logits, probabilities
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside.teaching import teachers_say
from stillroom.train.bedside.asked import ask
from stillroom.types import RecipeError, Split, Subject
from stillroom.types.cases import LOGITS, Case
from stillroom.validate import ClassificationSettings
from stillroom.validate.comparison import Found
from stillroom.validate.seeds import over_seeds
from stillroom.validate.shift.measure import Answered, measure_shift
from stillroom.validate.shift.settings import ShiftSettings
from stillroom.validate.trial import Facts

_LEARNERS: tuple[Subject, ...] = ("control", "student")


@dataclass(frozen=True)
class _Side:
    """Cases on one side of the domain's edge, and what the teachers say of them."""

    cases: Sequence[Case]
    truth: NDArray[Any] | None
    teacher: NDArray[np.float64]


def shifted(
    run: BedsideRun, settings: ShiftSettings, measured: ClassificationSettings
) -> tuple[Found, Facts]:
    """Compare the cases inside the domain with those outside.

    Raises:
        RecipeError: the task has no one class for each case, or the other cohort has other inputs.
    """
    if run.cohort.head.kind != "classes" or run.cases("test")[0].target.ndim:
        raise RecipeError(
            "evaluate.shift of a task without one class for each case", "classes", "leave it out"
        )
    inside, outside = _sides(run, settings)
    founds = [
        measure_shift(
            _answered(run, inside, seed), _answered(run, outside, seed), measured, settings.deferred
        )
        for seed in run.recipe.seeds
    ]
    facts: Facts = {
        "shift_inside_items": len(inside.cases),
        "shift_outside_items": len(outside.cases),
        "shift_inside": "validation cases, by which stopping, temperature and thresholds were chosen"
        if settings.data is None
        else "test cases",
    }
    return over_seeds(founds, run.recipe.seed), facts


def _sides(run: BedsideRun, settings: ShiftSettings) -> tuple[_Side, _Side]:
    if settings.data is None:
        return _own(run, "validation"), _own(run, "test")
    other = read(settings.data)
    mine, theirs = (of.splits["test"][0].inputs for of in (run.cohort, other))
    if {name: of.shape[-1:] for name, of in mine.items() if np.issubdtype(of.dtype, np.floating)} != {
        name: of.shape[-1:] for name, of in theirs.items() if np.issubdtype(of.dtype, np.floating)
    } or mine.keys() != theirs.keys():
        raise RecipeError(
            f"evaluate.shift.data with the inputs {', '.join(theirs)} of other sizes",
            f"those of the run: {', '.join(mine)}",
            "choose a cohort of the same inputs",
        )
    cases = other.splits["test"]
    truth = np.stack([case.target for case in cases]) if other.head == run.cohort.head else None
    return _own(run, "test"), _Side(cases, truth, teachers_say(run, cases))


def _own(run: BedsideRun, split: Split) -> _Side:
    return _Side(run.cases(split), run.truth(split), teachers_say(run, run.cases(split)))


def _answered(run: BedsideRun, side: _Side, seed: int) -> Answered:
    """A committee answers with probabilities, which have no energy; networks answer with logits."""
    logits: dict[Subject, NDArray[Any]] = {}
    for subject in _LEARNERS:
        stage = f"{subject}.{seed}"
        said = np.stack(ask(run.network(stage), side.cases)[LOGITS])
        logits[subject] = calibrated_logits(said, run.facts(stage), run.cohort.head)
    said_so: dict[Subject, NDArray[Any]] = {"teacher": side.teacher}
    said_so |= {subject: probabilities(of, run.cohort.head) for subject, of in logits.items()}
    return Answered(said_so, logits, [case.group for case in side.cases], side.truth)
