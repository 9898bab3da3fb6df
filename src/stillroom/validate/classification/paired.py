"""Tests of whether two classifiers differ on the same patients, corrected for how many are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillroom.types import Subject
from stillroom.validate.classification.cases import Cases
from stillroom.validate.classification.thresholds import Thresholds, critical_scores, decide, is_critical
from stillroom.validate.predicted import CONTRASTED, minus
from stillroom.validate.statistics.delong import delong
from stillroom.validate.statistics.mcnemar import mcnemar
from stillroom.validate.statistics.multiple import holm


def paired_tests(
    given: Cases, groups: Sequence[str], thresholds: Thresholds | None
) -> dict[str, str | float]:
    """Test accuracy (McNemar, mid-p) and AUROC of the positive class (DeLong) of every pair that is compared.

    Both ask for independent items. Where a group has several, nothing is tested: the intervals of the differences,
    over groups, stand for themselves.

    Returns:
        Facts ``p_accuracy_minus_control_student`` and the like, and the same with ``holm_`` in front.
    """
    if len(set(groups)) < len(groups):
        return {"paired_tests": "none: items of one group are not independent; see the intervals"}
    pairs = [pair for pair in CONTRASTED if set(pair) <= set(given.probabilities)]
    p_values = {}
    for subject, other in pairs:
        p_values[f"{minus('accuracy', other)}_{subject}"] = _accuracy(given, subject, other, thresholds)
        if given.critical and min((~is_critical(given)).sum(), is_critical(given).sum()) >= 2:
            scores = [critical_scores(given, who) for who in (subject, other)]
            p_values[f"{minus('auroc', other)}_{subject}"] = delong(scores, is_critical(given)).difference(
                0, 1
            )[3]
    adjusted = holm(list(p_values.values())).tolist() if p_values else []
    corrected = {f"holm_p_{name}": value for name, value in zip(p_values, adjusted, strict=True)}
    return {f"p_{name}": value for name, value in p_values.items()} | corrected


def _accuracy(given: Cases, subject: Subject, other: Subject, thresholds: Thresholds | None) -> float:
    right = [
        (decide(given, who, thresholds) == given.truth).all(axis=1).astype(np.float64)
        for who in (subject, other)
    ]
    return mcnemar(right[0], right[1]).mid_p
