"""Which response tokens matter most, row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from stillroom.losses import DenseTeacher
from stillroom.losses.combine.sample_weights import confidence, disagreement, token_importance
from stillroom.losses.fused.linear import Teacher
from stillroom.losses.fused.sizes import reading_slices
from stillroom.train.objective import ImportanceSettings
from stillroom.types import TrainError

_SCORES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = MappingProxyType(
    {
        "divergence": disagreement,
        "soft_or": token_importance,
        "confident_wrong": lambda student, teacher: confidence(student) * disagreement(student, teacher),
    }
)


@torch.no_grad()
def most_important(
    hidden: Tensor,
    matrix: Tensor,
    teacher: Teacher | None,
    lengths: Sequence[int],
    settings: ImportanceSettings,
) -> tuple[Tensor, Tensor]:
    """Choose the highest-scoring share of each example's tokens.

    Chosen within an example, so the choice does not depend on which examples share a pass.

    Args:
        hidden: the student's last hidden states, shape ``(rows, width)``.
        matrix: its output matrix, shape ``(vocab, width)``.
        teacher: what the teacher says of the rows; it must be dense for every score but ``entropy``.
        lengths: rows of each example.
        settings: score and share.

    Returns:
        Indices of the kept rows, ascending, and a weight for each: rows of its example over those kept, so that the
        weights of an example sum to its rows.

    Raises:
        TrainError: a score that compares distributions, with sampled or truncated targets.
    """
    scores = _scores(hidden, matrix, teacher, settings.score)
    places, weights, start = [], [], 0
    for rows in torch.split(scores, list(lengths)):
        count = math.ceil(settings.share * len(rows))
        places.append(start + rows.topk(count).indices.sort().values)
        weights.append(rows.new_full((count,), len(rows) / count))
        start += len(rows)
    return torch.cat(places), torch.cat(weights)


def _scores(hidden: Tensor, matrix: Tensor, teacher: Teacher | None, score: str) -> Tensor:
    scores = []
    for rows in reading_slices(len(hidden), len(matrix)):
        logits = hidden[rows] @ matrix.T.to(hidden)
        if score == "entropy":
            scores.append(1.0 - confidence(logits))
        else:
            dense = _dense(teacher, score)
            scores.append(_SCORES[score](logits, dense.hidden[rows] @ dense.weight.T))
    return torch.cat(scores)


def _dense(teacher: Teacher | None, score: str) -> DenseTeacher:
    if not isinstance(teacher, DenseTeacher):
        raise TrainError(
            f"token_importance.score {score!r} with sampled or truncated targets",
            "targets of kind 'hidden'",
            "set signals.targets.kind to 'hidden', or the score to 'entropy'",
        )
    return teacher
