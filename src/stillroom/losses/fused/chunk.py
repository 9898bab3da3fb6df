"""The objective of a few rows from their logits: value of each term, and gradient of the weighted sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from stillroom.losses.fused.divergences import DIVERGENCES, Shape
from stillroom.losses.fused.sampled import Sampled
from stillroom.losses.response.top_k import TopK, outside

CROSS_ENTROPY = "cross_entropy"
_LEAST_LOG = -80.0


class Objective(NamedTuple):
    """Weights of the terms by name, and their shared hyper-parameters."""

    weights: Mapping[str, float]
    temperature: float
    shape: Shape

    @property
    def soft(self) -> tuple[str, ...]:
        """The terms that need a teacher."""
        return tuple(name for name in self.weights if name != CROSS_ENTROPY)


def evaluate(
    logits: Tensor, targets: Tensor | None, teacher: Tensor | TopK | Sampled | None, objective: Objective
) -> tuple[dict[str, Tensor], Tensor | None]:
    """Values of every term, shape ``(rows,)`` each, τ² included, and the gradient of their weighted sum.

    Args:
        logits: the student's, shape ``(rows, classes)``, float32 or wider.
        targets: hard labels, shape ``(rows,)``, where cross-entropy is a term.
        teacher: the teacher of these rows: its logits, or what was kept of them.
        objective: what is minimised.

    Returns:
        Values and gradient; None where every weight is 0.
    """
    values: dict[str, Tensor] = {}
    tau = objective.temperature
    gradient: Tensor | None = None
    log_q = logits.log_softmax(-1)
    if targets is not None and CROSS_ENTROPY in objective.weights:
        values[CROSS_ENTROPY], gradient = _hard(log_q, targets, objective.weights[CROSS_ENTROPY])
    if teacher is None or not objective.soft:
        return values, gradient
    log_q = log_q if tau == 1.0 else (logits / tau).log_softmax(-1)
    for name in objective.soft:
        value, soft_gradient = _soft(name, log_q, teacher, objective)
        values[name] = value * tau**2
        gradient = _plus(gradient, soft_gradient, objective.weights[name] * tau)
    return values, gradient


def _plus(gradient: Tensor | None, term: Tensor, weight: float) -> Tensor | None:
    """Adds in place; a factor of 1 costs no pass over the logits."""
    if weight == 0.0:
        return gradient
    if gradient is not None:
        return gradient.add_(term, alpha=weight)
    return term if weight == 1.0 else term.mul_(weight)


def _hard(log_q: Tensor, targets: Tensor, weight: float) -> tuple[Tensor, Tensor | None]:
    index = targets[:, None]
    value = -log_q.gather(1, index).squeeze(1)
    if weight == 0.0:
        return value, None
    gradient = log_q.exp()
    gradient = gradient if weight == 1.0 else gradient.mul_(weight)
    return value, gradient.scatter_add_(1, index, torch.full_like(index, -weight, dtype=gradient.dtype))


def _soft(
    name: str, log_q: Tensor, teacher: Tensor | TopK | Sampled, objective: Objective
) -> tuple[Tensor, Tensor]:
    """Divergence of each row without τ², and its gradient with respect to the tempered logits."""
    if isinstance(teacher, Sampled):
        return _from_draws(log_q, teacher)
    if isinstance(teacher, TopK):
        return _from_buckets(name, log_q, teacher, objective.shape)
    tau = objective.temperature
    log_p = (teacher if tau == 1.0 else teacher / tau).log_softmax(-1)
    value, scaled = DIVERGENCES[name](log_p, log_q, objective.shape)
    return value, scaled.addcmul_(log_q.exp(), scaled.sum(-1, keepdim=True), value=-1)


def _from_draws(log_q: Tensor, teacher: Sampled) -> tuple[Tensor, Tensor]:
    shares = teacher.shares.to(log_q.dtype)
    value = -(shares * log_q.gather(1, teacher.ids)).sum(1) - teacher.entropy.to(log_q.dtype)
    return value, log_q.exp().scatter_add_(1, teacher.ids, -shares)


def _from_buckets(name: str, log_q: Tensor, teacher: TopK, shape: Shape) -> tuple[Tensor, Tensor]:
    """Compare k + 1 buckets; within the last one the gradient spreads in proportion to q."""
    assert teacher.tail is not None
    log_tail = outside(log_q, teacher.ids)[:, None].clamp(min=_LEAST_LOG)
    kept = log_q.gather(1, teacher.ids)
    log_p = torch.cat([teacher.log_probs, teacher.tail[:, None]], 1).to(log_q.dtype)
    value, scaled = DIVERGENCES[name](log_p, torch.cat([kept, log_tail], 1), shape)
    total = scaled.sum(1, keepdim=True)
    gradient = log_q.exp().mul_(scaled[:, -1:] * (-log_tail).exp() - total)
    return value, gradient.scatter_(1, teacher.ids, scaled[:, :-1] - kept.exp() * total)
