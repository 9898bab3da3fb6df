"""Fused equals dense: value and gradient, whatever the divergence, the chunk, the mixture and the temperature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from stillroom.losses import LOSSES, DenseTeacher, Sampled, TopK, linear_distillation
from stillroom.losses.fused.divergences import DIVERGENCES

ROWS, VOCAB = 37, 50
HYPER: Mapping[str, Mapping[str, float]] = {
    "forward_kl": {},
    "reverse_kl": {},
    "jensen_shannon": {"beta": 0.3},
    "skew_forward_kl": {"alpha": 0.2},
    "skew_reverse_kl": {"alpha": 0.2},
}
DIVERGENCE = pytest.mark.parametrize("name", DIVERGENCES)
TAU = pytest.mark.parametrize("tau", [0.5, 1.0, 4.0])


class Given:
    """Hidden states and matrices of a student and a teacher, in float64 unless asked."""

    def __init__(self, dtype: torch.dtype = torch.float64) -> None:
        generator = torch.Generator().manual_seed(3)

        def draw(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=generator, dtype=torch.float64).to(dtype)

        self.hidden, self.weight = draw(ROWS, 8).requires_grad_(), draw(VOCAB, 8).requires_grad_()
        self.teacher = DenseTeacher(draw(ROWS, 6), draw(VOCAB, 6))
        self.targets = torch.randint(VOCAB, (ROWS,), generator=generator)
        self.row_weights = torch.rand(ROWS, generator=generator, dtype=torch.float64).to(dtype)

    @property
    def student_logits(self) -> Tensor:
        return self.hidden @ self.weight.T

    @property
    def teacher_logits(self) -> Tensor:
        return self.teacher.hidden @ self.teacher.weight.T

    def fused(self, weights: Mapping[str, float], teacher: Any = None, **options: Any) -> Any:
        return linear_distillation(
            self.hidden,
            self.weight,
            self.targets,
            self.teacher if teacher is None else teacher,
            weights=weights,
            beta=0.3,
            skew=0.2,
            **options,
        )

    def gradients(self, loss: Tensor) -> tuple[Tensor, ...]:
        return torch.autograd.grad(loss, (self.hidden, self.weight))

    def same(self, fused: Tensor, dense: Tensor) -> None:
        torch.testing.assert_close(fused, dense, rtol=1e-11, atol=1e-11)
        # A factor on the loss must reach the gradient that was computed before it was known.
        torch.testing.assert_close(
            self.gradients(3.0 * fused), self.gradients(3.0 * dense), rtol=1e-9, atol=1e-11
        )


def test_every_fused_divergence_is_a_registered_loss() -> None:
    assert set(HYPER) == set(DIVERGENCES) <= set(LOSSES)


@DIVERGENCE
@TAU
@pytest.mark.parametrize("chunk_rows", [1, 8, 1000])
def test_a_dense_teacher_gives_the_dense_value_and_gradient(name: str, tau: float, chunk_rows: int) -> None:
    given = Given()
    fused = given.fused({"cross_entropy": 0.3, name: 0.7}, temperature=tau, chunk_rows=chunk_rows)
    soft = LOSSES[name](given.student_logits, given.teacher_logits, temperature=tau, **HYPER[name])
    hard = LOSSES["cross_entropy"](given.student_logits, given.targets)
    given.same(fused.total, (0.7 * soft + 0.3 * hard).sum())
    torch.testing.assert_close(fused.terms[name], soft.sum())
    torch.testing.assert_close(fused.terms["cross_entropy"], hard.sum())


@DIVERGENCE
@TAU
def test_a_truncated_teacher_gives_the_dense_value_and_gradient(name: str, tau: float) -> None:
    given = Given()
    top = TopK.of(given.teacher_logits, 5, temperature=tau)
    fused = given.fused({name: 1.0}, top, temperature=tau, chunk_rows=8)
    given.same(fused.total, LOSSES[name](given.student_logits, top, temperature=tau, **HYPER[name]).sum())


def test_all_divergences_share_one_pass() -> None:
    given = Given()
    weights = dict.fromkeys(DIVERGENCES, 0.5)
    dense = sum(LOSSES[n](given.student_logits, given.teacher_logits, **HYPER[n]).sum() for n in weights)
    given.same(given.fused(weights).total, 0.5 * dense)


@TAU
def test_draws_have_the_dense_value_and_gradient_on_average(tau: float) -> None:
    """Law of large numbers: the error of the mean of n draws is within 5 standard errors."""
    given = Given()
    rows = Sampled.draw(
        given.teacher_logits, 20_000, temperature=tau, generator=torch.Generator().manual_seed(0)
    )
    fused = given.fused({"forward_kl": 1.0}, rows, temperature=tau).total
    dense = LOSSES["forward_kl"](given.student_logits, given.teacher_logits, temperature=tau)
    log_q = (given.student_logits.detach() / tau).log_softmax(-1)
    p = (given.teacher_logits / tau).softmax(-1)
    variance = (p * log_q.square()).sum(-1) - (p * log_q).sum(-1).square()
    standard_error = tau**2 * (variance / 20_000).sum().sqrt()
    assert abs(float((fused - dense.sum()).detach())) < 5 * float(standard_error)
    for ours, exact in zip(given.gradients(fused), given.gradients(dense.sum()), strict=True):
        assert float((ours - exact).norm() / exact.norm()) < 0.05


def test_draws_err_less_than_the_likeliest_classes_of_the_same_size() -> None:
    """Why sampling is the default: a truncated and renormalised target is biased however long one trains."""
    given = Given()
    p = given.teacher_logits.softmax(-1)
    generator = torch.Generator().manual_seed(0)
    drawn = Sampled.draw(given.teacher_logits.repeat(400, 1), 8, generator=generator)
    mean = torch.zeros(ROWS * 400, VOCAB, dtype=torch.float64).scatter_add_(1, drawn.ids, drawn.shares)
    top = p.topk(8)
    truncated = torch.zeros_like(p).scatter_(1, top.indices, top.values / top.values.sum(-1, keepdim=True))
    assert (mean.view(400, ROWS, VOCAB).mean(0) - p).abs().sum(-1).mean() < (truncated - p).abs().sum(
        -1
    ).mean() / 2


def test_rows_may_have_weights() -> None:
    given = Given()
    fused = given.fused(
        {"forward_kl": 1.0, "cross_entropy": 0.5}, row_weights=given.row_weights, chunk_rows=8
    )
    soft = LOSSES["forward_kl"](given.student_logits, given.teacher_logits)
    hard = LOSSES["cross_entropy"](given.student_logits, given.targets)
    given.same(fused.total, (given.row_weights * (soft + 0.5 * hard)).sum())


@DIVERGENCE
def test_float32_stays_within_a_millionth_of_float64(name: str) -> None:
    narrow = Given(torch.float32)
    loss = narrow.fused({name: 1.0}, temperature=2.0, chunk_rows=8).total
    exact = LOSSES[name](
        narrow.hidden.double() @ narrow.weight.double().T,
        narrow.teacher.hidden.double() @ narrow.teacher.weight.double().T,
        temperature=2.0,
        **HYPER[name],
    ).sum()
    torch.testing.assert_close(loss.double(), exact, rtol=1e-6, atol=0)


@DIVERGENCE
@pytest.mark.parametrize("sparse", [False, True])
def test_saturated_logits_give_finite_values_and_gradients(name: str, sparse: bool) -> None:
    hidden = torch.tensor([[1e4, -1e4], [-1e4, 1e4]], requires_grad=True)
    weight = torch.eye(2).repeat(3, 1).requires_grad_()
    teacher = DenseTeacher(torch.tensor([[-1e4, 1e4], [-1e4, 1e4]]), torch.eye(2).repeat(3, 1))
    said = TopK.of(teacher.hidden @ teacher.weight.T, 2) if sparse else teacher
    loss = linear_distillation(hidden, weight, teacher=said, weights={name: 1.0}).total
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(hidden.grad).all()  # type: ignore[arg-type]
    assert torch.isfinite(weight.grad).all()  # type: ignore[arg-type]


def test_a_term_of_weight_zero_is_measured_and_moves_nothing() -> None:
    given = Given()
    fused = given.fused({"cross_entropy": 0.0, "forward_kl": 1.0})
    alone = given.fused({"forward_kl": 1.0})
    given.same(fused.total, alone.total)
    hard = LOSSES["cross_entropy"](given.student_logits, given.targets).sum()
    torch.testing.assert_close(fused.terms["cross_entropy"], hard)
    assert not fused.terms["cross_entropy"].requires_grad


def test_tied_embeddings_receive_the_gradient_of_both_uses() -> None:
    embedding = torch.nn.Parameter(torch.randn(VOCAB, 8, dtype=torch.float64))
    ids = torch.arange(10)
    linear_distillation(embedding[ids], embedding, ids, weights={"cross_entropy": 1.0}).total.backward()
    assert embedding.grad is not None
    fused, embedding.grad = embedding.grad.clone(), None
    LOSSES["cross_entropy"](embedding[ids] @ embedding.T, ids).sum().backward()
    torch.testing.assert_close(fused, embedding.grad)


def test_weight_gradient_is_float32_for_bfloat16_hidden_states() -> None:
    given = Given(torch.float32)
    weights = {"cross_entropy": 1.0}
    linear_distillation(
        given.hidden.bfloat16(), given.weight, given.targets, weights=weights
    ).total.backward()
    assert given.weight.grad is not None
    assert given.weight.grad.dtype == torch.float32


class Conversions(TorchDispatchMode):
    """Counts conversions to another number format by the shape of what is converted."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[tuple[int, ...]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is torch.ops.aten._to_copy.default:
            self.shapes.append(tuple(args[0].shape))
        return func(*args, **(kwargs or {}))


def test_autocast_narrows_the_products_alone_and_each_matrix_once() -> None:
    """Autocast takes `vecdot` in 16 bits too, and converts a matrix again for every product."""
    given = Given(torch.float32)
    with Conversions() as seen, torch.autocast("cpu", torch.bfloat16):
        fused = given.fused({"forward_kl": 1.0}, chunk_rows=8).total
    assert seen.shapes.count((VOCAB, 8)) == seen.shapes.count((VOCAB, 6)) == 1
    student = given.hidden.bfloat16() @ given.weight.bfloat16().T
    teacher = given.teacher.hidden.bfloat16() @ given.teacher.weight.bfloat16().T
    dense = LOSSES["forward_kl"](student, teacher).sum()
    torch.testing.assert_close(fused, dense, rtol=1e-6, atol=0)
    for ours, theirs in zip(given.gradients(fused), given.gradients(dense), strict=True):
        assert ours.dtype == torch.float32
        assert float((ours - theirs).norm() / theirs.norm()) < 2**-7


def test_a_graph_that_is_kept_gives_its_gradient_twice() -> None:
    """Else it is scaled in place, which a second call would see."""
    given = Given()
    loss = 3.0 * given.fused({"forward_kl": 1.0}).total
    first = torch.autograd.grad(loss, (given.hidden, given.weight), retain_graph=True)
    torch.testing.assert_close(given.gradients(loss), first)


def test_no_rows_cost_nothing_and_move_nothing() -> None:
    given = Given()
    empty = linear_distillation(
        given.hidden[:0],
        given.weight,
        given.targets[:0],
        DenseTeacher(given.teacher.hidden[:0], given.teacher.weight),
        weights={"cross_entropy": 0.5, "forward_kl": 0.5},
    )
    assert empty.total.item() == empty.terms["forward_kl"].item() == 0.0
    assert all(not grad.any() for grad in given.gradients(empty.total))


def test_a_vocabulary_larger_than_a_chunk_goes_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Given()
    whole = given.fused({"forward_kl": 1.0}).total
    monkeypatch.setattr("stillroom.losses.fused.sizes.CHUNK_LOGITS", VOCAB - 1)
    monkeypatch.setattr("stillroom.losses.fused.sizes.LEAST_ROWS", 1)
    given.same(given.fused({"forward_kl": 1.0}).total, whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weights": {"forwrad_kl": 1.0}}, "weights names forwrad_kl"),
        ({"weights": {}}, "no term"),
        ({"temperature": 0.0}, r"temperature is 0\.0"),
        ({"beta": 1.0}, r"beta is 1\.0"),
        ({"teacher": None}, "no teacher is given"),
        ({"weights": {"cross_entropy": 1.0}, "targets": None}, "no targets are given"),
        (
            {"teacher": DenseTeacher(torch.zeros(ROWS, 6), torch.zeros(VOCAB + 1, 6))},
            "vocabulary has 51 entries",
        ),
        ({"teacher": TopK.of(torch.zeros(ROWS, VOCAB), 4, temperature=2.0)}, "kept at 2"),
        ({"teacher": TopK(torch.zeros(ROWS, 4).long(), torch.zeros(ROWS, 4))}, "without a tail"),
        (
            {"teacher": Sampled.draw(torch.zeros(ROWS, VOCAB), 4), "weights": {"reverse_kl": 1.0}},
            "forward_kl alone",
        ),
    ],
)
def test_impossible_requests_are_refused(change: dict[str, Any], message: str) -> None:
    given = Given()
    arguments = {
        "targets": given.targets,
        "teacher": given.teacher,
        "weights": {"forward_kl": 1.0},
        **change,
    }
    with pytest.raises(ValueError, match=message):
        linear_distillation(given.hidden, given.weight, **arguments)
