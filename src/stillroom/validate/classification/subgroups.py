"""Subgroups of patients against all others, and against what the teacher does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.classification.trainings import Trainings
from stillroom.validate.comparison import Found
from stillroom.validate.fairness.gaps import Subgroup
from stillroom.validate.predicted import FAIR, PREDICTED
from stillroom.validate.seeds import Trained, by_seed
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.statistics.measures import Draw, estimates


def subgroup_gaps(
    trainings: Trainings, groups: Sequence[str], parts: Mapping[str, NDArray[np.bool_]]
) -> list[Found]:
    """Compute how much worse off each subgroup is than all others, and how much of that the teacher has not.

    Patients are drawn whole, with items inside and outside, so that the difference is paired where a patient has both.

    Returns:
        Of each training ``subgroup_gap_*`` of accuracy, FNR, FPR and AUROC, positive where the subgroup is worse off,
        and ``amplification_*``, a subject's gap minus the teacher's; by part and subject.
    """
    settings = trainings.settings
    draw = Draw.of(groups, settings.bootstrap_repeats, settings.seed, "subgroups")
    figures: dict[tuple[bytes, Trained], dict[str, Estimate]] = {}
    found: dict[tuple[str, str, Trained], Estimate] = {}

    def figures_of(side: NDArray[np.bool_], who: Trained) -> dict[str, Estimate]:
        """Of two subgroups each is what is outside of the other."""
        key = side.tobytes(), who
        if key not in figures:
            figures[key] = _figures(trainings, side, who, draw)
        return figures[key]

    for part, inside in parts.items():
        if part and not inside.all():
            for who in trainings.distinct:
                sides = figures_of(inside, who), figures_of(~inside, who)
                for name in (name for name in sides[0] if name in sides[1]):
                    gap = Subgroup(sides[0][name], sides[1][name]).gap(
                        higher_is_better=bool(PREDICTED[name].higher_is_better)
                    )
                    found[f"subgroup_gap_{name}", part, who] = gap
    return [of_seed | _amplified(of_seed) for of_seed in by_seed(found, trainings.first)]


def _figures(trainings: Trainings, side: NDArray[np.bool_], who: Trained, draw: Draw) -> dict[str, Estimate]:
    asked = (measure for measure in trainings.measures_of_whole(side, who) if measure.name in FAIR)
    found = estimates(asked, replace(draw, index=draw.index[side]))
    return {name: figure for name, _, figure in found if np.isfinite(figure.value)}


def _amplified(found: Found) -> Found:
    return {
        (name.replace("subgroup_gap_", "amplification_"), part, subject): gap - found[name, part, "teacher"]
        for (name, part, subject), gap in found.items()
        if subject != "teacher" and (name, part, "teacher") in found
    }
