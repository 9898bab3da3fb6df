"""What the bundles' calibration brought, as far as the task has probabilities of cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.recipes.bedside.evidence import classification_settings
from stillroom.recipes.bedside.export import bundle_of
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.types import Metric, Split
from stillroom.validate.classification.gain import measure_recalibration

Told = Sequence[NDArray[Any]]


def recalibration(run: BedsideRun, said: Mapping[int, Mapping[Split, Told | NDArray[Any]]]) -> list[Metric]:
    """Figures before and after the calibrator of every seed's bundle; none where a recipe calibrates nothing.

    Args:
        run: the run.
        said: what each bundle answered, calibrated.
    """
    cases, kind = run.cases("test"), run.cohort.head.kind
    if not run.recipe.export.calibrate or kind == "values" or cases[0].target.ndim > (kind == "labels"):
        return []
    return measure_recalibration(
        [np.stack(bundle_of(run, seed).uncalibrated(cases)) for seed in said],
        [np.stack(list(of["test"])) for of in said.values()],
        run.truth("test"),
        [case.group for case in cases],
        classification_settings(run),
    )
