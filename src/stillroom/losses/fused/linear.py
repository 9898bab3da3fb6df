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

from stillroom.losses.fused.chunk import CROSS_ENTROPY, Objective, evaluate
from stillroom.losses.fused.divergences import DIVERGENCES, Shape
from stillroom.losses.fused.sampled import Sampled
from stillroom.losses.response.top_k import TopK

# Enough for matrix products at full speed; of these, as many as a cache holds, with all that is derived from them.
_CHUNK_LOGITS = 1 << 23
_LEAST_ROWS = 128
_CACHED_LOGITS = 1 << 20


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
        chunk_rows: rows whose logits exist at once; by default as many as make 8 million logits, at least 128.

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
    rows = chunk_rows or max(_LEAST_ROWS, _CHUNK_LOGITS // weight.shape[0])
    options = _Options(objective, rows, torch.is_grad_enabled())
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
        wide = torch.promote_types(weight.dtype, torch.float32)
        matrix = weight.to(hidden.dtype)
        grads = (torch.empty_like(hidden), torch.zeros_like(weight, dtype=wide))
        sums = dict.fromkeys(options.objective.weights, hidden.new_zeros((), dtype=wide))
        for start in range(0, hidden.shape[0], options.chunk_rows):
            rows = slice(start, start + options.chunk_rows)
            logits = hidden[rows] @ matrix.T
            known = None if teacher is None else _teacher_rows(teacher, rows)
            given = _Rows(logits, known, _part(targets, rows), _part(row_weights, rows))
            for name, value in _differentiate(given, options.objective, wide).items():
                sums[name] = sums[name] + value
            if options.wants_gradient:
                _accumulate(grads, logits, hidden[rows], matrix, rows)
        ctx.save_for_backward(*grads)
        terms = tuple(sums[name] for name in options.objective.weights)
        ctx.mark_non_differentiable(*terms)
        total = sum(
            (w * term for w, term in zip(options.objective.weights.values(), terms, strict=True)),
            0 * terms[0],
        )
        return total, *terms

    @staticmethod
    @once_differentiable
    def backward(ctx: FunctionCtx, grad_total: Tensor, *_: Tensor) -> tuple[Tensor | None, ...]:
        grad_hidden, grad_weight = ctx.saved_tensors  # type: ignore[attr-defined]
        return grad_hidden * grad_total, grad_weight * grad_total, *(None,) * 4


class _Rows(NamedTuple):
    """Some rows: the student's logits, and what they are compared with."""

    logits: Tensor
    teacher: Tensor | TopK | Sampled | None
    targets: Tensor | None
    weights: Tensor | None

    def take(self, rows: slice, wide: torch.dtype) -> _Rows:
        """Some of these rows, logits in ``wide``."""
        teacher = self.teacher
        if isinstance(teacher, Tensor):
            teacher = teacher[rows].to(wide)
        elif teacher is not None:
            teacher = _teacher_rows(teacher, rows)
        return _Rows(
            self.logits[rows].to(wide), teacher, _part(self.targets, rows), _part(self.weights, rows)
        )


def _differentiate(given: _Rows, objective: Objective, wide: torch.dtype) -> dict[str, Tensor]:
    """Sum of each term over the rows; their gradient takes the place of the logits.

    On a processor a few rows at a time: what is read again and again then stays in its cache.
    """
    count, vocab = given.logits.shape
    step = count if given.logits.is_cuda else max(1, _CACHED_LOGITS // vocab)
    sums: dict[str, Tensor] = {}
    for start in range(0, count, step):
        rows = slice(start, start + step)
        some = given.take(rows, wide)
        values, gradient = evaluate(some.logits, some.targets, some.teacher, objective)
        for name, value in values.items():
            weighted = value if some.weights is None else value * some.weights
            sums[name] = sums[name] + weighted.sum() if name in sums else weighted.sum()
        if gradient is None:
            given.logits[rows].zero_()
        else:
            given.logits[rows] = gradient if some.weights is None else gradient.mul_(some.weights[:, None])
    return sums


def _part(tensor: Tensor | None, rows: slice) -> Tensor | None:
    return None if tensor is None else tensor[rows]


def _teacher_rows(teacher: Teacher, rows: slice) -> Tensor | TopK | Sampled:
    if isinstance(teacher, DenseTeacher):
        return teacher.hidden[rows] @ teacher.weight.T
    if isinstance(teacher, TopK):
        assert teacher.tail is not None
        return TopK(teacher.ids[rows], teacher.log_probs[rows], teacher.tail[rows], teacher.temperature)
    return Sampled(teacher.ids[rows], teacher.shares[rows], teacher.entropy[rows], teacher.temperature)


def _accumulate(
    grads: tuple[Tensor, Tensor], gradient: Tensor, hidden: Tensor, matrix: Tensor, rows: slice
) -> None:
    grad_hidden, grad_weight = grads
    if gradient.dtype == grad_hidden.dtype:
        torch.mm(gradient, matrix, out=grad_hidden[rows])
    else:  # autocast took the logits in a narrower format than the hidden states
        grad_hidden[rows] = gradient @ matrix.to(gradient.dtype)
    if gradient.dtype == grad_weight.dtype:
        grad_weight.addmm_(gradient.T, hidden)
    else:
        grad_weight += gradient.T @ hidden.to(gradient.dtype)


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
