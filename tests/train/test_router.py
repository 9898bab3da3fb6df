"""Shares of teacher layers that training learns."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from stillroom.models import StudentSettings, build_student
from stillroom.models.layer_map import nearness
from stillroom.signals import SignalStore, collect
from stillroom.train import ObjectiveSettings, fit
from stillroom.train.batches import collate
from stillroom.train.learner import Learner
from stillroom.train.router import LayerRouter
from stillroom.train.router import scaled as scaled_states
from stillroom.types import ModelError
from train.tiny import settings

STUDENT, TEACHER = torch.randn(2, 5, 6), torch.randn(4, 5, 8)
NEAR = nearness(2, range(4))
MIXED = ObjectiveSettings(
    alpha=0.5, divergence="forward_kl", temperature=1.0, hidden_weight=1.0, layer_mix="all"
)


def stirred() -> LayerRouter:
    """A router that has learned something."""
    router = LayerRouter(STUDENT, TEACHER, NEAR)
    with torch.no_grad():
        router.key.normal_()
    return router


def scaled(state: Tensor) -> Tensor:
    return state / math.sqrt(float(state.square().mean()) + torch.finfo(torch.float32).eps)


def test_the_mixture_is_the_formula_row_by_row() -> None:
    router = stirred()
    mixture = router(STUDENT, TEACHER)
    for layer in range(2):
        for row in range(5):
            query = scaled(STUDENT[layer, row]) @ router.query[layer]
            matches = [query @ (scaled(state) @ router.key) / math.sqrt(32) for state in TEACHER[:, row]]
            shares = torch.softmax(torch.stack(matches) + router.bias[layer], 0)
            expected = sum(
                share * scaled(state) for share, state in zip(shares, TEACHER[:, row], strict=True)
            )
            torch.testing.assert_close(mixture[layer, row], expected)


def test_it_begins_with_the_layer_that_lies_nearest() -> None:
    shares = LayerRouter(STUDENT, TEACHER, NEAR).shares(STUDENT, TEACHER)
    torch.testing.assert_close(shares.sum(-1), torch.ones(2, 5))
    assert shares.argmax(-1).tolist() == [[1] * 5, [3] * 5]
    assert float(shares[0, 0, 1].detach()) > 0.7


def test_a_long_layer_does_not_drown_the_others() -> None:
    longer = TEACHER * torch.tensor([1.0, 1.0, 1.0, 100.0])[:, None, None]
    torch.testing.assert_close(
        LayerRouter(STUDENT, longer, NEAR)(STUDENT, longer),
        LayerRouter(STUDENT, TEACHER, NEAR)(STUDENT, TEACHER),
        atol=1e-4,
        rtol=1e-4,
    )


def test_the_student_is_not_drawn_to_the_router() -> None:
    student = STUDENT.clone().requires_grad_()
    router = stirred()
    router(student, TEACHER).sum().backward()
    assert student.grad is None
    assert router.query.grad is not None


def test_it_finds_the_layers_that_the_student_resembles() -> None:
    torch.manual_seed(0)
    teacher = torch.randn(4, 40, 8)
    student = teacher[[2, 0]]
    router = LayerRouter(student, teacher, NEAR)
    optimizer = torch.optim.Adam(router.parameters(), lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        (router(student, teacher) - scaled_states(student)).square().mean().backward()
        optimizer.step()
    shares = router.shares(student, teacher).mean(1)
    assert shares.argmax(-1).tolist() == [2, 0]
    assert float(shares.detach().amax(-1).min()) > 0.9


@pytest.fixture
def taught(make_model, rows, tmp_path):
    teacher = make_model(layers=4)
    collect(teacher, rows, tmp_path, layers=range(4))
    student = build_student(teacher, StudentSettings(layers=(1, 3)))
    return student, SignalStore.open(tmp_path, teacher.fingerprint())


def test_it_trains_with_the_student_and_stays_behind(taught, rows, tmp_path) -> None:
    student, signals = taught
    names = {name for name, _ in student.network.named_parameters()}
    record = fit(
        student, rows, settings(steps=40), seed=1, work=tmp_path, key="run", objective=MIXED, signals=signals
    )
    assert record.points[-1].figures["hidden_mse"] < record.points[0].figures["hidden_mse"]
    assert {name for name, _ in student.network.named_parameters()} == names


def test_further_terms_read_the_mixture(taught, rows) -> None:
    student, signals = taught
    terms = {"hint": {"loss": "hint", "weight": 1.0}}
    objective = ObjectiveSettings.model_validate({**MIXED.model_dump(), "terms": terms})
    learner = Learner(student.network, objective, signals)
    learner.size(collate(rows[:4]))
    figures = learner(collate(rows[:4]))
    figures.total.backward()
    assert learner.router is not None
    assert learner.router.bias.grad is not None
    assert float(figures.terms["hint"]) > 0.0


def test_the_shares_of_each_layer_begin_where_the_recipe_says(taught, rows) -> None:
    student, signals = taught
    begun = MIXED.model_copy(update={"layer_mix_start": (0, 2)})
    learner = Learner(student.network, begun, signals)
    learner.size(collate(rows[:4]))
    assert learner.router is not None
    assert learner.router.bias.argmax(-1).tolist() == [0, 2]


def test_a_start_for_some_of_the_layers_is_refused(taught, rows) -> None:
    student, signals = taught
    learner = Learner(student.network, MIXED.model_copy(update={"layer_mix_start": (0,)}), signals)
    with pytest.raises(ModelError, match="layer_mix_start of 1 layers, for a student of 2"):
        learner.size(collate(rows[:4]))


def test_a_start_without_layers_to_mix_is_refused() -> None:
    with pytest.raises(ValueError, match="`layer_mix_start` with `layer_mix`"):
        ObjectiveSettings.model_validate({**MIXED.model_dump(), "layer_mix": None, "layer_mix_start": (0, 2)})


def test_layers_to_mix_without_a_term_that_reads_them_are_refused() -> None:
    with pytest.raises(ValueError, match="`layer_mix` with `hidden_weight` above 0"):
        ObjectiveSettings.model_validate({**MIXED.model_dump(), "hidden_weight": 0.0})
