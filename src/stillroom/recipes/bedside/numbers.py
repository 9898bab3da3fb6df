"""The evidence about numbers: one for each case, held against the true one."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.data.bedside.tasks import TASKS
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.regressed import Numbers, figures_of_numbers
from stillroom.types import Evidence, Subject
from stillroom.validate.seeds import made_once
from stillroom.validate.tasks.measure import measure_summed_over_seeds

_TOLD = ("mae", "rmse", "r2")


def measured_numbers(run: BedsideRun, said: Mapping[int, Mapping[Subject, Numbers]]) -> Evidence:
    """Measure what every subject of every seed says of the test cases, in the unit of the task, and of subgroups.

    Args:
        run: the run.
        said: by seed and subject.
    """
    cases, measure, task = run.cases("test"), run.recipe.evaluate, TASKS[run.recipe.data.task]
    truth = [case.target for case in cases]
    return measure_summed_over_seeds(
        made_once(said, lambda numbers: figures_of_numbers(numbers, truth)),
        [case.group for case in cases],
        told=_TOLD,
        subgroups={key: [case.keys[key] for case in cases] for key in task.subgroups},
        repeats=measure.bootstrap_repeats,
        seed=run.recipe.seed,
        unit=task.unit,
    )
