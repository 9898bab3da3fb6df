"""Divergences with their gradients written out, for a pass that holds the logits only once.

Each takes the log-probabilities of teacher p and student q over the last axis and returns the divergence of each row
and q·∂f/∂q of each class. The gradient with respect to the student's logits is then q·∂f/∂q − q·Σ(q·∂f/∂q); written
this way no term divides by a probability. Values equal those of :mod:`stillroom.losses.response`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import torch
from torch import Tensor

Parts = tuple[Tensor, Tensor]


class Shape(NamedTuple):
    """The hyper-parameters of all divergences: ``beta`` of Jensen–Shannon, ``skew`` of the skewed KLs."""

    beta: float
    skew: float


def forward_kl(log_p: Tensor, log_q: Tensor, _: Shape) -> Parts:
    """KL(p‖q)."""
    p = log_p.exp()
    return _dot(p, _gap(log_p, log_q)), p.neg_()


def reverse_kl(log_p: Tensor, log_q: Tensor, _: Shape) -> Parts:
    """KL(q‖p)."""
    scaled = log_q.exp() * _gap(log_q, log_p)
    return scaled.sum(-1), scaled


def jensen_shannon(log_p: Tensor, log_q: Tensor, shape: Shape) -> Parts:
    """β·KL(p‖m) + (1−β)·KL(q‖m) with m = β·p + (1−β)·q."""
    p, q = log_p.exp(), log_q.exp()
    log_m = _log_mix(p, q, shape.beta)
    scaled = (1 - shape.beta) * q * _gap(log_q, log_m)
    return shape.beta * _dot(p, _gap(log_p, log_m)) + scaled.sum(-1), scaled


def skew_forward_kl(log_p: Tensor, log_q: Tensor, shape: Shape) -> Parts:
    """KL(p‖m) with m = α·p + (1−α)·q."""
    p, q = log_p.exp(), log_q.exp()
    log_m = _log_mix(p, q, shape.skew)
    share = (log_q - log_m).exp()
    return _dot(p, _gap(log_p, log_m)), (shape.skew - 1) * p * share


def skew_reverse_kl(log_p: Tensor, log_q: Tensor, shape: Shape) -> Parts:
    """KL(q‖m) with m = (1−α)·p + α·q."""
    p, q = log_p.exp(), log_q.exp()
    log_m = _log_mix(q, p, shape.skew)
    gap = _gap(log_q, log_m)
    return _dot(q, gap), q * (gap - shape.skew * (log_q - log_m).exp())


DIVERGENCES: Mapping[str, Callable[[Tensor, Tensor, Shape], Parts]] = MappingProxyType(
    {
        "forward_kl": forward_kl,
        "reverse_kl": reverse_kl,
        "jensen_shannon": jensen_shannon,
        "skew_forward_kl": skew_forward_kl,
        "skew_reverse_kl": skew_reverse_kl,
    }
)


def _dot(left: Tensor, right: Tensor) -> Tensor:
    product: Tensor = torch.linalg.vecdot(left, right)
    return product


def _gap(log_a: Tensor, log_b: Tensor) -> Tensor:
    """log(a/b), 0 where a is 0: such a class costs nothing."""
    return (log_a - log_b).masked_fill_(log_a.isneginf(), 0.0)


def _log_mix(p: Tensor, q: Tensor, share: float) -> Tensor:
    return torch.lerp(q, p, share).clamp_(min=torch.finfo(p.dtype).tiny).log_()
