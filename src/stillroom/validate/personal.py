"""What adapting a model to each patient changes: risks of later hours, adapted and locked, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.validate.classification.probabilities import brier_scores, log_losses, mean
from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.comparison import Found
from stillroom.validate.statistics.bootstrap import ratio
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Draw, Measure, Summed, Weighed

Marks = NDArray[np.bool_]


def estimate_personal(
    risks: Mapping[str, Array], truth: Marks, groups: Sequence[str], subject: Subject, repeats: int, seed: int
) -> Found:
    """Estimate figures of several ways to answer the same questions, and their differences from the locked model.

    Args:
        risks: probabilities by way, each ``(items,)``: ``locked``, ``personal``, …
        truth: what came true, ``(items,)``.
        groups: patient of each item; patients are drawn whole.
        subject: whose risks they are.
        repeats: resamples of each interval.
        seed: of the resampling.

    Returns:
        ``locked_log_loss``, ``personal_log_loss``, ``personal_log_loss_change`` …: paired, as all are estimated from
        the same draws.
    """
    draw = Draw.of(groups, repeats, seed, "personal")
    found: Found = {}
    for way, of_way in risks.items():
        for name, measure in _measures(of_way, truth, draw.index):
            estimate = measure.estimate(draw)
            found[f"{way}_{name}", "", subject] = estimate
            if way != "locked":
                found[f"{way}_{name}_change", "", subject] = estimate - found[f"locked_{name}", "", subject]
    return found


def _measures(risks: Array, truth: Marks, patient: NDArray[np.intp]) -> Iterator[tuple[str, Measure]]:
    both, marks = np.stack([1 - risks, risks], axis=1), np.stack([~truth, truth], axis=1)
    yield "log_loss", mean("", log_losses(both, marks, labels=False))
    yield "brier", mean("", brier_scores(both, marks, halve=True))
    yield "auroc", Weighed("", Ranked(risks, truth).auroc, truth)
    yield "risk_error", Summed("", _risk_errors(risks, truth, patient), ratio, "free")


def _risk_errors(risks: Array, truth: Marks, patient: NDArray[np.intp]) -> Array:
    """|mean risk − observed share| of each patient, told at their first item, and 1 there."""
    columns = np.zeros((len(risks), 2))
    _, first = np.unique(patient, return_index=True)
    many = np.bincount(patient)
    gaps = np.bincount(patient, weights=risks - truth) / many
    columns[first] = np.stack([np.abs(gaps), np.ones(len(first))], axis=1)
    return columns
