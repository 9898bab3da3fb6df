from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, rel_entr, softmax
from torch import Tensor

from stillroom.losses import registry
from stillroom.losses.combine import terms as terms_module
from stillroom.losses.combine import weighted as weighted_module
from stillroom.losses.combine.balance import FixedBalance, UncertaintyBalance
from stillroom.losses.combine.schedules import Exponential, Linear, constant
from stillroom.losses.combine.terms import Term, soft_and_hard
from stillroom.losses.combine.weighted import TermInputs, WeightedObjective
from stillroom.losses.contract import LearnedLoss, Loss

GENERATOR = torch.Generator().manual_seed(11)
STUDENT = 2 * torch.randn(3, 4, 5, generator=GENERATOR, dtype=torch.float64)
TEACHER = 2 * torch.randn(3, 4, 5, generator=GENERATOR, dtype=torch.float64)
LABELS = torch.randint(5, (3, 4), generator=GENERATOR)
MASK = torch.tensor([[True, True, True, True], [True, False, False, False], [True, True, False, False]])
HALF = {"soft": 0.7, "hard": 0.3}


def inputs(rows: slice = slice(None), student: Tensor = STUDENT, **changes: Any) -> dict[str, TermInputs]:
    mask = MASK[rows]
    return {
        "soft": TermInputs(student[rows], TEACHER[rows], mask)._replace(**changes),
        "hard": TermInputs(student[rows], LABELS[rows], mask)._replace(**changes),
    }


def objective(alpha: float = 0.7, temperature: Any = 2.0, **more: Any) -> WeightedObjective:
    return WeightedObjective(soft_and_hard(alpha, temperature), inputs(), **more)


def oracle_terms(tau: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """τ²·KL and CE of every row, in NumPy."""
    s, t = STUDENT.numpy(), TEACHER.numpy()
    soft = tau**2 * rel_entr(softmax(t / tau, -1), softmax(s / tau, -1)).sum(-1)
    hard = -np.take_along_axis(log_softmax(s, -1), LABELS.numpy()[..., None], -1)[..., 0]
    return soft, hard


def coupled(student: Tensor, teacher: Tensor, *, mask: Tensor | None = None) -> Tensor:
    """Squared difference of the batch means."""
    if mask is not None:
        student, teacher = student[mask], teacher[mask]
    return (student.mean(0) - teacher.mean(0)).square().sum()


def example_mean(student: Tensor, teacher: Tensor, *, mask: Tensor) -> Tensor:
    """One value for each example that keeps a token."""
    some = mask.any(1)
    return (student - teacher).square().sum(-1).masked_fill(~mask, 0.0).sum(1)[some] / mask.sum(1)[some]


class Learned(LearnedLoss):
    """A loss with a matrix and an enemy."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.matrix, self.enemy = torch.nn.Linear(width, width).double(), torch.nn.Linear(width, 1)

    @classmethod
    def create(cls, student: Tensor, teacher: Tensor, *, sharpness: float = 1.0) -> Learned:
        return cls(student.shape[-1])

    def forward(self, student: Tensor, teacher: Tensor, *, mask: Tensor | None = None) -> Tensor:
        return (self.matrix(student) - teacher).square().mean(-1)[... if mask is None else mask]

    def adversary(self) -> torch.nn.Module:
        return self.enemy


@pytest.fixture
def more_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    losses = {
        **registry.LOSSES,
        "coupled": Loss(coupled, "relation", "embeddings", per_example=False),
        "example_mean": Loss(example_mean, "feature", "hidden_states"),
        "learned": Loss(coupled, "feature", "hidden_states", module=Learned),
    }
    for module in (registry, terms_module, weighted_module):
        monkeypatch.setattr(module, "LOSSES", losses)


def one(loss: str, **changes: Any) -> tuple[WeightedObjective, dict[str, TermInputs]]:
    given = {"it": TermInputs(STUDENT, TEACHER, MASK)._replace(**changes)}
    return WeightedObjective({"it": Term(loss, constant(1.0))}, given), given


@pytest.mark.parametrize("tau", [0.5, 1.0, 4.0])
def test_is_the_canonical_objective_over_kept_rows(tau: float) -> None:
    soft, hard = oracle_terms(tau)
    value = objective(temperature=tau)(inputs(), step=0, steps=1)
    keep = MASK.numpy()
    assert value.total.item() == pytest.approx((0.7 * soft + 0.3 * hard)[keep].mean(), rel=1e-10)
    assert value.terms["soft"].raw_sum.item() == pytest.approx(soft[keep].sum(), rel=1e-10)
    assert value.terms["hard"].raw_sum.item() == pytest.approx(hard[keep].sum(), rel=1e-10)
    assert value.terms["soft"].rows == MASK.sum()


def test_the_printed_form_swaps_the_weights_and_keeps_the_square_of_the_temperature() -> None:
    soft, hard = oracle_terms()
    printed = WeightedObjective(soft_and_hard(0.7, 2.0, convention="paper"), inputs())
    expected = (0.7 * hard + 0.3 * soft)[MASK.numpy()].mean()
    assert printed(inputs(), step=0, steps=1).total.item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_is_continuous_in_the_mixing_weight_at_its_ends(end: float) -> None:
    soft, hard = oracle_terms()
    at_end = objective(end)(inputs(), step=0, steps=1).total
    near = objective(abs(end - 1e-9))(inputs(), step=0, steps=1).total
    torch.testing.assert_close(near, at_end, rtol=0, atol=1e-7)
    assert at_end.item() == pytest.approx((soft if end else hard)[MASK.numpy()].mean(), rel=1e-10)


@pytest.mark.parametrize("balance", [None, UncertaintyBalance(["soft", "hard"], squared=["hard"])])
@pytest.mark.parametrize("cut", [[0, 3], [0, 1, 3], [0, 1, 2, 3]])
def test_value_and_gradient_do_not_depend_on_how_a_step_is_cut(balance: Any, cut: list[int]) -> None:
    def run(bounds: list[int]) -> tuple[Tensor | None, ...]:
        student = STUDENT.clone().requires_grad_()
        whole = objective(balance=balance or FixedBalance(HALF))
        whole.zero_grad()
        rows = dict.fromkeys(HALF, int(MASK.sum()))
        total = torch.zeros((), dtype=torch.float64)
        for low, high in pairwise(bounds):
            total = total + whole(inputs(slice(low, high), student), step=3, steps=9, rows=rows).total
        total.backward()
        learned = [parameter.grad for parameter in whole.parameters()]
        assert student.grad is not None
        return total.detach(), student.grad, *learned

    for part, expected in zip(run(cut), run([0, 3]), strict=True):
        torch.testing.assert_close(part, expected)


def test_order_of_examples_and_of_terms_does_not_matter() -> None:
    order = torch.tensor([2, 0, 1])
    expected = objective()(inputs(), step=0, steps=1).total
    moved = {
        name: TermInputs(x.student[order], x.teacher[order], x.mask[order]) for name, x in inputs().items()
    }
    torch.testing.assert_close(objective()(moved, step=0, steps=1).total, expected)
    backwards = dict(reversed(soft_and_hard(0.7, 2.0).items()))
    torch.testing.assert_close(
        WeightedObjective(backwards, inputs())(inputs(), step=0, steps=1).total, expected
    )


def test_masked_rows_reach_neither_value_nor_gradient() -> None:
    spoiled = STUDENT.clone()
    spoiled[~MASK] = torch.nan
    spoiled.requires_grad_()
    weights = torch.where(MASK, 1.0, torch.nan)
    value = objective()(inputs(student=spoiled, weights=weights), step=0, steps=1)
    torch.testing.assert_close(value.total, objective()(inputs(), step=0, steps=1).total)
    value.total.backward()
    assert spoiled.grad is not None
    assert (spoiled.grad[~MASK] == 0).all()


def test_a_pass_whose_rows_are_all_masked_adds_nothing() -> None:
    nothing = {name: x._replace(mask=torch.zeros_like(MASK)) for name, x in inputs().items()}
    value = objective()(nothing, step=0, steps=1, rows=dict.fromkeys(HALF, 7))
    assert value.total.item() == 0.0


def test_weights_and_temperature_follow_their_schedules_and_the_log_stays_unweighted() -> None:
    terms = {"soft": Term("forward_kl", Linear(0.0, 1.0), {"temperature": Exponential(8.0, 0.5)})}
    given = {"soft": inputs()["soft"]}
    whole = WeightedObjective(terms, given)
    for step, (weight, tau) in enumerate([(0.0, 8.0), (0.5, 2.0), (1.0, 0.5)]):
        soft, _ = oracle_terms(tau)
        value = whole(given, step=step, steps=3)
        assert value.terms["soft"].weight == weight
        assert value.total.item() == pytest.approx(weight * soft[MASK.numpy()].mean(), rel=1e-9)
        assert value.terms["soft"].raw_sum.item() == pytest.approx(soft[MASK.numpy()].sum(), rel=1e-9)


@pytest.mark.parametrize("shape", ["examples", "rows"])
def test_sample_weights_multiply_before_the_reduction(shape: str) -> None:
    soft, _ = oracle_terms()
    weights = torch.tensor([0.5, 2.0, 1.0])
    given = weights if shape == "examples" else weights[:, None].expand(3, 4)
    value = objective(1.0)(inputs(weights=given), step=0, steps=1)
    expected = (soft * weights.numpy()[:, None])[MASK.numpy()].mean()
    assert value.total.item() == pytest.approx(expected, rel=1e-9)
    assert value.terms["soft"].raw_sum.item() == pytest.approx(soft[MASK.numpy()].sum(), rel=1e-9)


def test_sample_weights_without_a_mask_and_for_unmasked_rows() -> None:
    soft, _ = oracle_terms()
    weights = torch.rand(3, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    value = objective(1.0)(inputs(mask=None, weights=weights), step=0, steps=1)
    assert value.total.item() == pytest.approx((soft * weights.numpy()).mean(), rel=1e-9)


def test_sample_weights_find_the_examples_of_a_loss_that_gives_one_value_for_each(more_losses: None) -> None:
    weights = torch.tensor([0.5, 2.0, 1.0])
    mask = MASK.clone()
    mask[1] = False
    whole, given = one("example_mean", mask=mask, weights=weights)
    distances = (STUDENT - TEACHER).square().sum(-1)
    expected = (0.5 * distances[0].mean() + 1.0 * distances[2, :2].mean()) / 2
    torch.testing.assert_close(whole(given, step=0, steps=1).total, expected)


def test_sample_weights_give_no_gradient_of_their_own() -> None:
    weights = torch.ones(3, requires_grad=True)
    student = STUDENT.clone().requires_grad_()
    objective()(inputs(student=student, weights=weights), step=0, steps=1).total.backward()
    assert weights.grad is None


def test_a_coupled_term_is_a_number_of_the_pass_and_enters_with_its_share(more_losses: None) -> None:
    whole, given = one("coupled")
    alone = whole(given, step=0, steps=1)
    expected = (STUDENT[MASK].mean(0) - TEACHER[MASK].mean(0)).square().sum()
    torch.testing.assert_close(alone.total, expected)
    torch.testing.assert_close(
        whole(given, step=0, steps=1, rows={"it": 14}).total, expected * MASK.sum() / 14
    )
    torch.testing.assert_close(alone.terms["it"].raw_sum / alone.terms["it"].rows, expected)


def test_a_coupled_term_takes_no_sample_weights(more_losses: None) -> None:
    whole, given = one("coupled", weights=torch.ones(3))
    with pytest.raises(ValueError, match="couples the batch"):
        whole(given, step=0, steps=1)


def test_learned_parts_and_adversaries_are_parts_of_the_objective(more_losses: None) -> None:
    whole, given = one("learned")
    assert {name for name, _ in whole.named_parameters()} >= {"losses.it.matrix.weight"}
    assert list(whole.adversaries()) == ["it"]
    whole(given, step=0, steps=1).total.backward()
    assert whole.losses["it"].matrix.weight.grad is not None


def test_a_schedule_that_a_learned_loss_would_not_hear_is_refused(more_losses: None) -> None:
    terms = {"it": Term("learned", constant(1.0), {"sharpness": Linear(1.0, 2.0)})}
    with pytest.raises(ValueError, match="learned fixes it; give a number"):
        WeightedObjective(terms, {"it": TermInputs(STUDENT, TEACHER)})


def test_gradients_reach_learned_log_variances_through_the_objective() -> None:
    whole = objective(balance=UncertaintyBalance(["soft", "hard"]))
    value = whole(inputs(), step=0, steps=1)
    value.total.backward()
    soft, hard = (oracle[MASK.numpy()].mean() for oracle in oracle_terms())
    grad = dict(whole.named_parameters())["balance.log_variances"].grad
    assert grad is not None
    assert grad.tolist() == pytest.approx([0.7 * (0.5 - soft), 0.3 * (0.5 - hard)], rel=1e-5)


def test_the_objective_has_the_right_gradient() -> None:
    student = STUDENT.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: objective()(inputs(student=x), step=0, steps=1).total, student)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: WeightedObjective({}, {}), "expected at least one"),
        (lambda: WeightedObjective(soft_and_hard(0.5, 1.0), {"soft": inputs()["soft"]}), "without 'hard'"),
        (lambda: objective(balance=FixedBalance(["soft"])), "a balance without 'hard'"),
        (lambda: objective()({**inputs(), "sfot": inputs()["soft"]}, step=0, steps=1), "did you mean 'soft'"),
        (lambda: objective()(inputs(weights=torch.ones(2)), step=0, steps=1), "sample weights of 'soft'"),
        (lambda: objective()(inputs(), step=9, steps=9), "expected 0 ≤ step < steps"),
    ],
)
def test_what_does_not_fit_is_refused(build: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def test_response_attention_relation_and_learned_features_join_in_one_objective() -> None:
    attention = torch.randn(3, 2, 2, 4, 4, generator=GENERATOR, dtype=torch.float64).softmax(-1)
    wide_teacher = torch.randn(3, 4, 7, generator=GENERATOR, dtype=torch.float64)
    student = STUDENT.clone().requires_grad_()
    given = inputs(student=student) | {
        "attention": TermInputs(attention.requires_grad_(), attention.detach().flip(1), MASK),
        "relation": TermInputs(student.mean(1), wide_teacher.mean(1)),
        "hint": TermInputs(student, wide_teacher, MASK),
    }
    terms = soft_and_hard(0.7, {"schedule": "exponential", "start": 8, "end": 1}) | {
        "attention": Term("attention_alignment", constant(0.2)),
        "relation": Term("rkd_distance", constant(25.0)),
        "hint": Term("hint", Linear(1.0, 0.0)),
    }
    whole = WeightedObjective(terms, given)
    value = whole(given, step=0, steps=10)
    assert list(value.terms) == list(terms)
    parts = sum(term.weight * term.mean for term in value.terms.values())
    torch.testing.assert_close(value.total, parts)
    value.total.backward()
    assert attention.grad is not None
    assert all(parameter.grad is not None for parameter in whole.losses["hint"].parameters())
    assert whole(given, step=9, steps=10).terms["hint"].weight == 0.0


def test_a_term_without_rows_of_the_step_is_a_mean_over_the_pass() -> None:
    given = objective()
    torch.testing.assert_close(
        given(inputs(), step=0, steps=1, rows={}).total, given(inputs(), step=0, steps=1).total
    )
