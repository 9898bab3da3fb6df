"""Which rows count more, and where a teacher is not to be followed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from stillroom.losses import DenseTeacher, Sampled
from stillroom.losses.combine.sample_weights import normalised_table
from stillroom.losses.fused.linear import Teacher
from stillroom.signals.source import SignalSource
from stillroom.types import Encoded, TrainError

_ROWS_AT_ONCE = 16


def weigh_specialties(
    rows: Sequence[Encoded], specialties: Sequence[str], weights: Mapping[str, float]
) -> tuple[Encoded, ...]:
    """Give each row the weight of its specialty, scaled so that the mean over response tokens is 1.

    Args:
        rows: the training rows.
        specialties: of each row.
        weights: relative weights; 1 for a specialty that is not named.

    Raises:
        TrainError: a specialty that no training row has.

    >>> rows = [Encoded(np.arange(3), 1), Encoded(np.arange(3), 1)]
    >>> [row.weight for row in weigh_specialties(rows, ["cardiology", "radiology"], {"cardiology": 3.0})]
    [1.5, 0.5]
    """
    counts: Counter[str] = Counter()
    for row, specialty in zip(rows, specialties, strict=True):
        counts[specialty] += len(row.targets)
    try:
        table = normalised_table(weights, counts)
    except ValueError as error:
        raise TrainError(
            f"objective.specialty_weights: {error}", "specialties of the training rows", "correct the names"
        ) from error
    return tuple(
        replace(row, weight=table[specialty]) for row, specialty in zip(rows, specialties, strict=True)
    )


def share_by_specialty(
    rows: Sequence[Encoded], specialties: Sequence[str], shares: Mapping[str, tuple[float, ...]]
) -> tuple[Encoded, ...]:
    """Give the rows of the named specialties their own shares of the teachers."""
    return tuple(
        replace(row, shares=shares.get(specialty)) for row, specialty in zip(rows, specialties, strict=True)
    )


def mark_doubted(rows: Sequence[Encoded], signals: SignalSource) -> tuple[Encoded, ...]:
    """Mark the response tokens at which the teacher's first choice is not the hard label."""
    return tuple(replace(row, doubted=wrong) for row, wrong in zip(rows, _wrong(rows, signals), strict=True))


def doubted_shares(rows: Sequence[Encoded], specialties: Sequence[str]) -> dict[str, float]:
    """Share of doubted response tokens in each specialty, and over all."""
    tokens: Counter[str] = Counter()
    doubted: Counter[str] = Counter()
    for row, specialty in zip(rows, specialties, strict=True):
        for name in ("all", specialty):
            tokens[name] += len(row.targets)
            doubted[name] += 0 if row.doubted is None else int(row.doubted.sum())
    return {name: doubted[name] / tokens[name] for name in sorted(tokens)}


def _wrong(rows: Sequence[Encoded], signals: SignalSource) -> Iterator[NDArray[np.bool_]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        chosen = _first_choices(signals.teacher(some)).cpu().numpy()
        ends = np.cumsum([len(row.targets) for row in some])
        for row, choice in zip(some, np.split(chosen, ends[:-1]), strict=True):
            yield choice != row.targets


@torch.no_grad()
def _first_choices(teacher: Teacher) -> torch.Tensor:
    if isinstance(teacher, DenseTeacher):
        return (teacher.hidden.to(teacher.weight) @ teacher.weight.T).argmax(-1)
    if isinstance(teacher, Sampled):
        return teacher.ids.mode(-1).values
    return teacher.ids.gather(-1, teacher.log_probs.argmax(-1, keepdim=True)).squeeze(-1)
