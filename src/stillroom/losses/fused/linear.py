"""Distillation through the output matrix, without ever holding a tokens × vocabulary tensor.

The logits of a language model are ``hidden @ weight.T``. Here they exist for a few rows at a time, and the gradient is
taken while they do, so the extra memory does not grow with the batch. Value and gradient equal the dense formulas of
:mod:`stillroom.losses.response`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from stillroom.losses.fused.chunk import CROSS_ENTROPY, Objective
from stillroom.losses.fused.divergences import DIVERGENCES, Shape
from stillroom.losses.fused.products import Gradients, Product, at_least_float32, without_autocast
from stillroom.losses.fused.rows import Rows, differentiate, part, part_of
from stillroom.losses.fused.sampled import Sampled
from stillroom.losses.fused.sizes import chunk_rows as default_rows
from stillroom.losses.response.top_k import TopK


class DenseTeacher(NamedTuple):
    """All a teacher says: last hidden states, shape ``(rows, width)``, and output matrix, ``(vocab, width)``."""

    hidden: Tensor
    weight: Tensor


Teacher = DenseTeacher | TopK | Sampled


class FusedLoss(NamedTuple):
    """Sums over rows.

    Attributes:
        total: the weighted sum of the terms; it alone carries a gradient.
        terms: each term by name, without its weight, τ² included.
    """

    total: Tensor
    terms: Mapping[str, Tensor]


def linear_distillation(
    hidden: Tensor,
    weight: Tensor,
    targets: Tensor | None = None,
    teacher: Teacher | None = None,
    *,
    weights: Mapping[str, float],
    temperature: float = 1.0,
    beta: float = 0.5,
    skew: float = 0.1,
    row_weights: Tensor | None = None,
    chunk_rows: int | None = None,
) -> FusedLoss:
    r"""Sum over rows of a weighted sum of cross-entropy and divergences, from hidden states and output matrices.

    .. math:: \sum_i r_i \Big[ w_0 \, (-\log \sigma(s_i)_{y_i})
       + \sum_k w_k \tau^2 D_k\big(\sigma(t_i/\tau), \sigma(s_i/\tau)\big) \Big]

    with :math:`s = hW^\top`. Rows are real tokens only: the caller drops masked positions first. All terms share one
    pass over the logits; their gradient is accumulated in float32.

    Args:
        hidden: student's last hidden states, shape ``(rows, width)``.
        weight: student's output matrix, shape ``(vocab, width)``; products are taken in the dtype of ``hidden``.
        targets: hard labels, shape ``(rows,)``, for ``cross_entropy``.
        teacher: what the teacher says of these rows: dense, its likeliest classes, or draws from it.
        weights: by term: ``cross_entropy``, ``forward_kl``, ``reverse_kl``, ``jensen_shannon``,
            ``skew_forward_kl``, ``skew_reverse_kl``. A term of weight 0 is measured and not minimised.
        temperature: τ > 0, on both sides of every divergence; cross-entropy is always at 1.
        beta: the teacher's share of Jensen–Shannon's mixture, in (0, 1).
        skew: α of the skewed divergences, in (0, 1).
        row_weights: :math:`r_i`, shape ``(rows,)``; 1 by default.
        chunk_rows: rows whose logits exist at once; by default as many as make 8 million logits, at least 128, and
            1,024 on a GPU.

    Returns:
        Sums over rows, float32 or wider.

    Raises:
        ValueError: a term without what it needs, a teacher of another vocabulary or temperature, draws for another
            divergence than forward KL, or a hyper-parameter out of its range.

    Source: chunking as in Hsu et al. 2024 (arXiv:2410.10989).

    >>> h, w = torch.eye(2), torch.tensor([[2.0, 0.0], [0.0, 2.0], [0.0, 0.0]])
    >>> linear_distillation(h, w, teacher=DenseTeacher(h, w), weights={"forward_kl": 1.0}).total.item()
    0.0
    """
    objective = Objective(weights, temperature, Shape(beta, skew))
    _check(weight, targets, teacher, objective)
    options = _Options(
        objective, chunk_rows or default_rows(len(weight), gpu=weight.is_cuda), torch.is_grad_enabled()
    )
    total, *terms = _LinearDistillation.apply(  # type: ignore[no-untyped-call]
        hidden, weight, targets, teacher, row_weights, options
    )
    return FusedLoss(total, dict(zip(weights, terms, strict=True)))


class _Options(NamedTuple):
    objective: Objective
    chunk_rows: int
    wants_gradient: bool


class _LinearDistillation(torch.autograd.Function):
    """Computes the gradient in the forward pass, chunk by chunk; backward only scales it."""

    @staticmethod
    def forward(
        ctx: FunctionCtx,
        hidden: Tensor,
        weight: Tensor,
        targets: Tensor | None,
        teacher: Teacher | None,
        row_weights: Tensor | None,
        options: _Options,
    ) -> tuple[Tensor, ...]:
        weights, size = options.objective.weights, options.chunk_rows
        student = Product(hidden, weight, size)
        says = Product(*teacher, size) if isinstance(teacher, DenseTeacher) else teacher
        grads = Gradients(hidden, weight) if options.wants_gradient else None
        sums = dict.fromkeys(weights, hidden.new_zeros((), dtype=at_least_float32(weight.dtype)))
        with without_autocast(hidden):
            for start in range(0, hidden.shape[0], size):
                rows = slice(start, start + size)
                known = says.logits(rows) if isinstance(says, Product) else says and part_of(says, rows)
                given = Rows(student.logits(rows), known, part(targets, rows), part(row_weights, rows))
                for name, value in differentiate(given, options.objective).items():
                    sums[name] = sums[name] + value
                if grads is not None:
                    grads.add(rows, given.logits, student)
        if grads is not None:
            ctx.save_for_backward(grads.hidden, grads.weight)
        ctx.mark_non_differentiable(*sums.values())
        total = sum((weights[name] * term for name, term in sums.items()), hidden.new_zeros(()))
        return total, *sums.values()

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad_total: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        grads = ctx.saved_tensors  # type: ignore[attr-defined]
        if torch._C._autograd._get_current_graph_task_keep_graph():
            return *(grad * grad_total for grad in grads), *(None,) * 4
        # Nobody will ask again, and the one of the output matrix is large: no second copy of it.
        return *(grad.mul_(grad_total) for grad in grads), *(None,) * 4


def _check(weight: Tensor, targets: Tensor | None, teacher: Teacher | None, objective: Objective) -> None:
    known = (CROSS_ENTROPY, *DIVERGENCES)
    unknown = ", ".join(name for name in objective.weights if name not in known)
    if unknown or not objective.weights:
        raise ValueError(f"weights names {unknown or 'no term'}; expected some of {', '.join(known)}")
    if objective.temperature <= 0.0:
        raise ValueError(f"temperature is {objective.temperature}; expected a value > 0")
    for name, value in objective.shape._asdict().items():
        if not 0.0 < value < 1.0:
            raise ValueError(f"{name} is {value}; expected a value in (0, 1)")
    if CROSS_ENTROPY in objective.weights and targets is None:
        raise ValueError("cross_entropy is a term but no targets are given; pass the hard labels")
    if not objective.soft:
        return
    if teacher is None:
        raise ValueError(f"{objective.soft[0]} is a term but no teacher is given; pass teacher")
    _check_teacher(weight, teacher, objective)


def _check_teacher(weight: Tensor, teacher: Teacher, objective: Objective) -> None:
    if isinstance(teacher, DenseTeacher):
        if teacher.weight.shape[0] != weight.shape[0]:
            raise ValueError(
                f"the teacher's vocabulary has {teacher.weight.shape[0]} entries, the student's {weight.shape[0]}; "
                "expected the same tokenizer"
            )
        return
    if teacher.temperature != objective.temperature:
        raise ValueError(
            f"temperature is {objective.temperature:g} and the teacher was kept at {teacher.temperature:g}; "
            "expected one; collect the signals again at the loss's temperature"
        )
    if isinstance(teacher, TopK) and teacher.tail is None:
        raise ValueError(
            "the teacher's likeliest classes come without a tail; collect them with the tail bucket"
        )
    if isinstance(teacher, Sampled) and objective.soft != ("forward_kl",):
        raise ValueError(
            f"the teacher was sampled and the terms are {', '.join(objective.soft)}; expected forward_kl alone, "
            "whose estimate is unbiased; collect dense or top-k signals for the others"
        )
