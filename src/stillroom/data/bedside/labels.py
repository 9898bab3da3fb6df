"""Training labels as they would be if they were fewer, or written down carelessly."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.hashing import digest, unit
from stillroom.types import DataError, Settings
from stillroom.types.cases import UNKNOWN, Case, Cohort


class LabelSettings(Settings):
    """Which training labels are seen, by all alike: teachers, control and student. Other splits keep theirs."""

    known_share: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="share of training patients whose labels are known; the others teach through terms without labels",
    )
    wrong_share: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of known training cases whose class is replaced by another",
    )


AS_THEY_ARE = LabelSettings()


def with_labels(cohort: Cohort, settings: LabelSettings, seed: int) -> Cohort:
    """Hide the labels of some training patients, and falsify some of the rest; both are counted in ``mended``.

    Patients and cases are chosen by a hash, so that a larger share holds the smaller ones.

    Raises:
        DataError: the task asks for something else than classes, or no label would be left.

    >>> from stillroom.types.cases import Head
    >>> case = Case("a", "a", {}, np.asarray(1))
    >>> cohort = Cohort("c", (), Head("classes", ("well", "ill")), {}, {"train": (case,)}, {}, {}, "")
    >>> with_labels(cohort, LabelSettings(wrong_share=0.999), seed=1).splits["train"][0].target
    array(0)
    """
    if settings == AS_THEY_ARE:
        return cohort
    if cohort.head.kind != "classes":
        raise DataError(f"`labels` for {cohort.head.kind}", "a task of classes", "leave it out")
    mended = Counter(cohort.mended)
    classes, cases = len(cohort.head.names), []
    for case in cohort.splits["train"]:
        if unit("known", seed, case.group) >= settings.known_share:
            mended["training labels hidden"] += 1
            case = replace(case, target=np.full_like(case.target, UNKNOWN))
        elif unit("wrong", seed, case.id) < settings.wrong_share:
            mended["training labels made wrong"] += 1
            case = replace(case, target=_another(case, classes, seed))
        cases.append(case)
    if all((case.target == UNKNOWN).all() for case in cases):
        raise DataError(
            f"no training label that is known, at `known_share` {settings.known_share:g}",
            "some to learn from",
            "raise it",
        )
    return replace(cohort, splits={**cohort.splits, "train": tuple(cases)}, mended=dict(mended))


def _another(case: Case, classes: int, seed: int) -> NDArray[np.int64]:
    """Another class than the true one, at every position the same number further."""
    further = 1 + digest("which", seed, case.id) % (classes - 1)
    return np.asarray(np.where(case.target == UNKNOWN, UNKNOWN, (case.target + further) % classes))
