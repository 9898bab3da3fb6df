"""Losses on the output distribution: pure, per row, float32 or wider."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def _wide(logits: Tensor) -> Tensor:
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    r"""Negative log-likelihood of hard labels, :math:`-\log \sigma(s)_y`, in nats.

    Args:
        logits: student's logits, shape ``(..., vocab)``.
        targets: labels, shape ``(...)``, in ``[0, vocab)``.

    Returns:
        One value per row, shape ``(...)``. No reduction.

    >>> cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3]))
    tensor([1.3863, 1.3863])
    """
    log_probs = _wide(logits).log_softmax(-1)
    return -log_probs.gather(-1, targets.unsqueeze(-1)).squeeze(-1)


def forward_kl(student: Tensor, teacher: Tensor, *, temperature: float = 1.0) -> Tensor:
    r"""Forward Kullback–Leibler divergence of tempered distributions, times τ², in nats.

    .. math:: \tau^2 \sum_v \sigma(t/\tau)_v \, [\log \sigma(t/\tau)_v - \log \sigma(s/\tau)_v]

    The factor τ² keeps the gradient's scale as τ varies. The teacher receives no gradient.

    Args:
        student: logits, shape ``(..., vocab)``.
        teacher: logits, shape ``(..., vocab)``.
        temperature: τ > 0, on both sides.

    Returns:
        One value per row, shape ``(...)``, ≥ 0 and 0 where the distributions are equal. No reduction.

    Source: Hinton et al. 2015 (arXiv:1503.02531), section 2.

    >>> forward_kl(torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0, 1.0]]), temperature=4.0)
    tensor([0.])
    """
    log_student = (_wide(student) / temperature).log_softmax(-1)
    log_teacher = (_wide(teacher.detach()) / temperature).log_softmax(-1)
    return (
        functional.kl_div(log_student, log_teacher, reduction="none", log_target=True).sum(-1)
        * temperature**2
    )
