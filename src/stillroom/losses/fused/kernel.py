"""The elementwise work of a chunk as one Triton kernel, for GPUs; needs the package triton.

It computes what :func:`stillroom.losses.fused.chunk.evaluate` computes, which is its specification and serves
everywhere else. One program takes one row. It reads the logits of both sides once for maxima and sums of exponentials,
once more for each divergence but forward KL, whose share of the gradient is known beforehand, and once to put the
gradient in the place of the student's logits. Beside these it makes nothing but one value a row and term.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import triton
import triton.language as tl
from torch import Tensor

from stillroom.losses.fused.chunk import CROSS_ENTROPY, Objective
from stillroom.losses.fused.divergences import DIVERGENCES

TERMS = (*DIVERGENCES, CROSS_ENTROPY)
_MOST_CLASSES = 4096
_WARPS = 8

# What the kernel may read of this module: constants. A bit of it stands for a term.
_SOFT = tl.constexpr(len(DIVERGENCES))
_FORWARD_KL = tl.constexpr(TERMS.index("forward_kl"))
_REVERSE_KL = tl.constexpr(TERMS.index("reverse_kl"))
_JENSEN_SHANNON = tl.constexpr(TERMS.index("jensen_shannon"))
_SKEW_FORWARD_KL = tl.constexpr(TERMS.index("skew_forward_kl"))
_HARD = tl.constexpr(TERMS.index(CROSS_ENTROPY))
_FORWARD_KL_BIT = tl.constexpr(1 << TERMS.index("forward_kl"))
_HARD_BIT = tl.constexpr(1 << TERMS.index(CROSS_ENTROPY))
_TINY = tl.constexpr(torch.finfo(torch.float32).tiny)
_LOWEST = tl.constexpr(-1e30)


def differentiate(
    logits: Tensor,
    teacher: Tensor | None,
    targets: Tensor | None,
    row_weights: Tensor | None,
    objective: Objective,
) -> dict[str, Tensor]:
    """Sum of each term over the rows; their gradient takes the place of the logits.

    Args:
        logits: the student's, shape ``(rows, classes)``, of 32 bits or 16; overwritten.
        teacher: the teacher's, likewise, where a divergence is a term.
        targets: hard labels, shape ``(rows,)``, where cross-entropy is a term; one outside the classes gives NaN.
        row_weights: shape ``(rows,)``; 1 by default.
        objective: what is minimised.

    Returns:
        By term, τ² included, float32.
    """
    rows, vocab = logits.shape
    values = logits.new_empty((len(TERMS), rows), dtype=torch.float32)
    weights = [float(objective.weights.get(name, 0.0)) for name in TERMS]
    with torch.cuda.device_of(logits):
        _one_row[(rows,)](
            *(logits, teacher, targets, row_weights, values),
            *(logits.stride(0), 0 if teacher is None else teacher.stride(0), rows, vocab),
            *(float(objective.temperature), *map(float, objective.shape), *weights),
            MEASURED=_bits(name in objective.weights for name in TERMS),
            MINIMISED=_bits(weight != 0.0 for weight in weights),
            TEMPERED=objective.temperature != 1.0,
            CLASSES=min(_MOST_CLASSES, triton.next_power_of_2(vocab)),
            num_warps=_WARPS,
            enable_fp_fusion=True,
        )
    if row_weights is not None:
        values *= row_weights
    sums = values.sum(1)
    return {name: sums[place] for place, name in enumerate(TERMS) if name in objective.weights}


def _bits(flags: Iterable[bool]) -> int:
    return sum(flag << place for place, flag in enumerate(flags))


@triton.jit
def _one_row(
    student,
    teacher,
    targets,
    row_weights,
    values,
    student_stride,
    teacher_stride,
    rows,
    vocab,
    tau,
    beta,
    skew,
    weight_0,
    weight_1,
    weight_2,
    weight_3,
    weight_4,
    hard_weight,
    MEASURED: tl.constexpr,
    MINIMISED: tl.constexpr,
    TEMPERED: tl.constexpr,
    CLASSES: tl.constexpr,
):
    """Bits of MEASURED and MINIMISED are places in TERMS; values has the shape ``(terms, rows)``."""
    weights = (weight_0, weight_1, weight_2, weight_3, weight_4)
    row = tl.program_id(0).to(tl.int64)
    student += row * student_stride
    most, log_total, log_tempered = _statistics(student, vocab, tau, TEMPERED, CLASSES)
    target = vocab
    if _HARD_BIT & MEASURED:
        target = tl.load(targets + row)
        known = (target >= 0) & (target < vocab)
        chosen = tl.load(student + target, mask=known, other=float("nan")).to(tl.float32)
        tl.store(values + rows * _HARD + row, log_total - (chosen - most))

    # The gradient with respect to a tempered logit is q·∂f/∂q − q·Σ(q·∂f/∂q): first the sums, over all terms.
    mean = 0.0
    teacher_most = 0.0
    teacher_log = 0.0
    if teacher is not None:
        teacher += row * teacher_stride
        teacher_most, _at_one, teacher_log = _statistics(teacher, vocab, tau, TEMPERED, CLASSES)
        if _FORWARD_KL_BIT & MINIMISED:
            mean -= weights[_FORWARD_KL]
        for kind in tl.static_range(_SOFT):
            if ((MEASURED >> kind) & 1) and kind != _FORWARD_KL:
                value = tl.zeros([CLASSES], tl.float32)
                total = tl.zeros([CLASSES], tl.float32)
                for start in range(0, vocab, CLASSES):
                    log_q = (_load(student, start, vocab, CLASSES) - most) / tau - log_tempered
                    log_p = (_load(teacher, start, vocab, CLASSES) - teacher_most) / tau - teacher_log
                    part, scaled = _divergence(log_p, log_q, beta, skew, kind)
                    value += part
                    total += scaled
                tl.store(values + rows * kind + row, tl.sum(value) * tau * tau)
                if (MINIMISED >> kind) & 1:
                    mean += weights[kind] * tl.sum(total)

    row_weight = 1.0
    if row_weights is not None:
        row_weight = tl.load(row_weights + row).to(tl.float32)
    forward_kl = tl.zeros([CLASSES], tl.float32)
    tl.debug_barrier()  # No thread may write where another has yet to read its label's logit.
    for start in range(0, vocab, CLASSES):
        above = _load(student, start, vocab, CLASSES) - most
        log_q = above / tau - log_tempered
        gradient = tl.exp(log_q) * (-mean * tau)
        if teacher is not None:
            log_p = (_load(teacher, start, vocab, CLASSES) - teacher_most) / tau - teacher_log
            for kind in tl.static_range(_SOFT):
                if ((MINIMISED >> kind) & 1) or (((MEASURED >> kind) & 1) and kind == _FORWARD_KL):
                    part, scaled = _divergence(log_p, log_q, beta, skew, kind)
                    if kind == _FORWARD_KL:
                        forward_kl += part
                    if (MINIMISED >> kind) & 1:
                        gradient += scaled * (weights[kind] * tau)
        places = start + tl.arange(0, CLASSES)
        if _HARD_BIT & MINIMISED:
            hard = tl.exp(above - log_total)
            gradient += hard_weight * tl.where(places == target, hard - 1.0, hard)
        tl.store(student + places, (gradient * row_weight).to(student.dtype.element_ty), mask=places < vocab)
    if _FORWARD_KL_BIT & MEASURED:
        tl.store(values + rows * _FORWARD_KL + row, tl.sum(forward_kl) * tau * tau)


@triton.jit
def _statistics(row, vocab, tau, TEMPERED: tl.constexpr, CLASSES: tl.constexpr):
    """Maximum of a row, and the logarithm of Σ exp(x − maximum) at τ = 1 and at τ, in one reading."""
    most = _LOWEST
    total = 0.0
    tempered = 0.0
    for start in range(0, vocab, CLASSES):
        logits = _load(row, start, vocab, CLASSES)
        above = tl.maximum(most, tl.max(logits))
        total = total * tl.exp(most - above) + tl.sum(tl.exp(logits - above))
        if TEMPERED:
            tempered = tempered * tl.exp((most - above) / tau) + tl.sum(tl.exp((logits - above) / tau))
        most = above
    log_total = tl.log(total)
    return most, log_total, tl.log(tempered) if TEMPERED else log_total


@triton.jit
def _load(row, start, vocab, CLASSES: tl.constexpr):
    """Some logits of a row; beyond its end −inf, which no divergence counts."""
    places = start + tl.arange(0, CLASSES)
    return tl.load(row + places, mask=places < vocab, other=-float("inf")).to(tl.float32)


@triton.jit
def _divergence(log_p, log_q, beta, skew, KIND: tl.constexpr):
    """What each class adds to the divergence, and q·∂f/∂q, as in :mod:`stillroom.losses.fused.divergences`."""
    p = tl.exp(log_p)
    q = tl.exp(log_q)
    if KIND == _FORWARD_KL:
        value = p * _gap(log_p, log_q)
        scaled = -p
    elif KIND == _REVERSE_KL:
        value = q * _gap(log_q, log_p)
        scaled = value
    elif KIND == _JENSEN_SHANNON:
        log_m = _log_mix(p, q, beta)
        scaled = (1.0 - beta) * q * _gap(log_q, log_m)
        value = beta * p * _gap(log_p, log_m) + scaled
    elif KIND == _SKEW_FORWARD_KL:
        log_m = _log_mix(p, q, skew)
        value = p * _gap(log_p, log_m)
        scaled = (skew - 1.0) * p * tl.exp(log_q - log_m)
    else:
        log_m = _log_mix(q, p, skew)
        gap = _gap(log_q, log_m)
        value = q * gap
        scaled = q * (gap - skew * tl.exp(log_q - log_m))
    return value, scaled


@triton.jit
def _gap(log_a, log_b):
    return tl.where(log_a == -float("inf"), 0.0, log_a - log_b)


@triton.jit
def _log_mix(p, q, share):
    return tl.log(tl.maximum(q + share * (p - q), _TINY))
