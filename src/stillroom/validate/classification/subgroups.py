"""Subgroups of patients against all others, and against what the teacher does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.validate.classification.cases import Cases, within
from stillroom.validate.classification.measures import measures_of
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.classification.thresholds import Thresholds
from stillroom.validate.comparison import Found
from stillroom.validate.fairness.gaps import Subgroup
from stillroom.validate.predicted import FAIR, PREDICTED
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.statistics.measures import Draw


def subgroup_gaps(
    given: Cases,
    groups: Sequence[str],
    parts: Mapping[str, NDArray[np.bool_]],
    settings: ClassificationSettings,
    thresholds: Thresholds | None,
) -> Found:
    """Compute how much worse off each subgroup is than all others, and how much of that the teacher has not.

    Patients are drawn whole, with items inside and outside, so that the difference is paired where a patient has both.

    Returns:
        ``subgroup_gap_*`` of accuracy, FNR, FPR and AUROC, positive where the subgroup is worse off, and
        ``amplification_*``, a subject's gap minus the teacher's; by part and subject.
    """
    draw, found = Draw.of(groups, settings.bootstrap_repeats, settings.seed, "subgroups"), Found()
    for part, inside in parts.items():
        if part and not inside.all():
            for subject in given.probabilities:
                sides = [
                    _figures(given, side, subject, draw, settings, thresholds) for side in (inside, ~inside)
                ]
                for name in sides[0].keys() & sides[1].keys():
                    gap = Subgroup(sides[0][name], sides[1][name]).gap(
                        higher_is_better=bool(PREDICTED[name].higher_is_better)
                    )
                    found[f"subgroup_gap_{name}", part, subject] = gap
    return found | _amplified(found)


def _figures(
    given: Cases,
    side: NDArray[np.bool_],
    subject: Subject,
    draw: Draw,
    settings: ClassificationSettings,
    thresholds: Thresholds | None,
) -> dict[str, Estimate]:
    mine = replace(draw, index=draw.index[side])
    figures = {
        measure.name: measure.estimate(mine)
        for measure in measures_of(within(given, side), subject, settings, thresholds)
        if measure.name in FAIR and not measure.part
    }
    return {name: figure for name, figure in figures.items() if np.isfinite(figure.value)}


def _amplified(found: Found) -> Found:
    return {
        (name.replace("subgroup_gap_", "amplification_"), part, subject): gap - found[name, part, "teacher"]
        for (name, part, subject), gap in found.items()
        if subject != "teacher" and (name, part, "teacher") in found
    }
