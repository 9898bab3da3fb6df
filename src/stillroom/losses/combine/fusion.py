r"""Several teachers as one: their distributions mixed, with weights that are given, computed or learned.

The mixture is the teacher that :math:`\sum_k w_k \mathrm{KL}(p_k \| q)` really has: its gradient equals that of
:math:`\mathrm{KL}(\sum_k w_k p_k \| q)`, at one divergence instead of K. Teachers must share one vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from stillroom.losses.contract import Positive
from stillroom.losses.rows import wide

_SUM_TOLERANCE = 1e-4


def fixed_weights(weights: Sequence[float]) -> Tensor:
    """One weight for each teacher.

    Raises:
        ValueError: a weight below 0, or a sum other than 1.

    >>> fixed_weights([0.6, 0.4])
    tensor([0.6000, 0.4000])
    """
    if min(weights, default=0.0) < 0.0 or abs(sum(weights) - 1.0) > _SUM_TOLERANCE:
        raise ValueError(
            f"teachers' weights {list(weights)} sum to {sum(weights):g}; expected values ≥ 0 that sum to 1"
        )
    return torch.tensor(weights, dtype=torch.float32)


@torch.no_grad()
def confidence_weights(teachers: Tensor, targets: Tensor) -> Tensor:
    r"""Weights for each row: the teacher that explains the hard label better counts more.

    .. math:: w_k = \frac{1}{K-1}\left(1 - \frac{e^{\ell_k}}{\sum_j e^{\ell_j}}\right),\quad
        \ell_k = -\log \sigma(t_k)_y

    Args:
        teachers: logits, shape ``(teachers, ..., classes)``, two teachers or more.
        targets: hard labels, shape ``(...)``.

    Returns:
        Shape ``(teachers, ...)``; the weights of a row sum to 1.

    Raises:
        ValueError: fewer than two teachers.

    Source: Zhang et al. 2022, CA-MKD (arXiv:2201.00007), equation 3.

    >>> confidence_weights(torch.tensor([[[0.0, 0.0]], [[0.0, 0.0]]]), torch.tensor([1]))
    tensor([[0.5000],
            [0.5000]])
    """
    if len(teachers) < 2:
        raise ValueError(f"{len(teachers)} teacher; expected two or more, for one needs no weight")
    return weights_from_gold(_gold(wide(teachers), targets))


def weights_from_gold(log_probs: Tensor) -> Tensor:
    """As :func:`confidence_weights`, from each teacher's log-probability of the hard label.

    Args:
        log_probs: shape ``(teachers, ...)``, two teachers or more.

    >>> weights_from_gold(torch.tensor([[0.0], [-50.0]]))
    tensor([[1.],
            [0.]])
    """
    return (1.0 - (-log_probs).softmax(0)) / (len(log_probs) - 1)


@torch.no_grad()
def fuse(teachers: Tensor, weights: Tensor | None = None, *, temperature: Positive = 1.0) -> Tensor:
    r"""Logits of the teachers' mixture at a temperature.

    .. math:: \tau \log \sum_k w_k\, \sigma(t_k/\tau)

    The factor τ makes the result a teacher like any other: a loss at the same τ sees exactly the mixture of the
    tempered distributions.

    Args:
        teachers: logits, shape ``(teachers, ..., classes)``.
        weights: shape ``(teachers,)`` or, for each row, ``(teachers, ...)``; sums to 1 over teachers. Uniform by
            default.
        temperature: τ > 0, the one of the loss.

    Returns:
        Shape ``(..., classes)``; no gradient.

    Raises:
        ValueError: more or fewer weights than teachers.

    Source: Buciluă et al. 2006 (uniform); Hinton et al. 2015 (arXiv:1503.02531), section 5.

    >>> fuse(torch.tensor([[[0.0, 0.0]], [[0.0, 9.0]]]), fixed_weights([1.0, 0.0])).exp()
    tensor([[0.5000, 0.5000]])
    """
    if weights is None:
        weights = teachers.new_full((len(teachers),), 1.0 / len(teachers), dtype=torch.float32)
    if len(weights) != len(teachers):
        raise ValueError(f"{len(weights)} weights for {len(teachers)} teachers; expected one for each")
    log_probs = (wide(teachers) / temperature).log_softmax(-1)
    log_weights = weights.to(log_probs).log()
    missing = log_probs.ndim - log_weights.ndim
    return temperature * (log_probs + log_weights.reshape(*log_weights.shape, *(1,) * missing)).logsumexp(0)


@torch.no_grad()
def logits_of(probabilities: Tensor, *, floor: Positive = 1e-8) -> Tensor:
    """Logits of teachers that give probabilities only, such as boosted trees.

    Args:
        probabilities: shape ``(..., classes)``, each row summing to 1.
        floor: least probability; trees give exact zeros, of which no student could ever be right.

    Returns:
        Log-probabilities, same shape, of the floored and renormalised rows.

    Raises:
        ValueError: a row that is no distribution.

    >>> logits_of(torch.tensor([[0.25, 0.75]])).softmax(-1)
    tensor([[0.2500, 0.7500]])
    """
    values = wide(probabilities)
    worst = float((values.sum(-1) - 1.0).abs().max()) if values.numel() else 0.0
    if not (worst <= _SUM_TOLERANCE and bool((values >= 0.0).all())):
        raise ValueError(f"a row sums to 1 ± {worst:g} or has a negative part; expected probabilities")
    return values.clamp_min(floor).log().log_softmax(-1)


class GatedFusion(nn.Module):
    r"""Weights for each row from a learned gate: :math:`w = \mathrm{softmax}(Wx + b)`, uniform at first.

    The gate learns from hard labels (:func:`mixture_nll`), never from the distillation loss, which it could make small
    by choosing the teacher that is easiest to imitate.

    Source: Jacobs et al. 1991, adaptive mixtures of local experts.

    >>> GatedFusion(teachers=2, width=3)(torch.ones(1, 3))
    tensor([[0.5000],
            [0.5000]], grad_fn=<PermuteBackward0>)
    """

    def __init__(self, teachers: int, width: int) -> None:
        super().__init__()
        self.gate = nn.Linear(width, teachers)
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Weights of shape ``(teachers, ...)`` from features of shape ``(..., width)``, which get no gradient."""
        logits: Tensor = self.gate(features.detach())
        return logits.softmax(-1).movedim(-1, 0)


def mixture_nll(teachers: Tensor, weights: Tensor, targets: Tensor, *, mask: Tensor | None = None) -> Tensor:
    r"""Negative log-likelihood of hard labels under the mixture, :math:`-\log \sum_k w_k \sigma(t_k)_y`.

    Args:
        teachers: logits, shape ``(teachers, ..., classes)``; no gradient.
        weights: shape ``(teachers, ...)``; the gradient goes here.
        targets: hard labels, shape ``(...)``.
        mask: rows to keep, booleans of shape ``(...)``; all by default.

    Returns:
        One value for each kept row, ≥ 0.

    >>> mixture_nll(torch.zeros(2, 1, 2), torch.full((2, 1), 0.5), torch.tensor([0])).exp()
    tensor([2.])
    """
    if mask is not None:
        teachers, weights, targets = teachers[:, mask], weights[:, mask], targets[mask]
    gold = _gold(wide(teachers.detach()), targets)
    return -(gold + wide(weights).log()).logsumexp(0)


def _gold(teachers: Tensor, targets: Tensor) -> Tensor:
    """Each teacher's log-probability of the hard label, shape ``(teachers, ...)``."""
    index = targets.expand(teachers.shape[:-1]).unsqueeze(-1)
    return teachers.log_softmax(-1).gather(-1, index).squeeze(-1)
