"""Routed features: what trains the router, and what the student is drawn to."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from stillroom.losses import LOSSES
from stillroom.losses.feature.routed import RoutedFeatures, routable

LABELS = torch.arange(40) % 2


def teacher() -> list[Tensor]:
    """Of two stages the second tells the classes apart; a map and a series."""
    torch.manual_seed(3)
    told = torch.randn(40, 5, 4)
    told[..., 0] += 3.0 * (2 * LABELS - 1)[:, None]
    return [torch.randn(40, 3, 6, 6), told]


def shares(loss: RoutedFeatures, stages: list[Tensor]) -> Tensor:
    scores = torch.einsum("blw,lw->bl", torch.stack(mapped(loss, stages), 1), loss.gate)
    return (scores / loss.gate.shape[-1] ** 0.5).softmax(-1)


def mapped(loss: RoutedFeatures, stages: list[Tensor]) -> list[Tensor]:
    rows = [stages[0].mean((2, 3)), stages[1].mean(1)]
    return [
        torch.nn.functional.rms_norm(enter(row), (enter.out_features,))
        for enter, row in zip(loss.stages, rows, strict=True)
    ]


def test_the_router_finds_the_stage_that_knows_the_classes() -> None:
    stages, student = teacher(), [torch.randn(40, 7)]
    loss = RoutedFeatures.create(student, stages, classes=2, width=8)
    torch.testing.assert_close(shares(loss, stages), torch.full((40, 2), 0.5))
    optimizer = torch.optim.Adam(loss.parameters(), lr=0.02)
    for _ in range(200):
        optimizer.zero_grad()
        loss(student, stages, targets=LABELS).mean().backward()
        optimizer.step()
    assert float(shares(loss, stages)[:, 1].mean().detach()) > 0.7


def test_the_student_does_not_move_the_router() -> None:
    """Without a label nothing trains the router: neither it nor the maps of the teacher have a gradient."""
    stages, student = teacher(), [torch.randn(40, 7).requires_grad_()]
    loss = RoutedFeatures.create(student, stages, classes=2, width=8)
    loss(student, stages, targets=torch.full((40,), -1)).sum().backward()
    assert student[0].grad is not None
    assert student[0].grad.abs().sum() > 0
    for part in (loss.gate, *loss.stages.parameters(), *loss.classify.parameters()):
        assert part.grad is None or part.grad.abs().max() == 0.0


def test_a_hidden_label_costs_no_cross_entropy() -> None:
    stages, student = teacher(), [torch.randn(40, 7)]
    loss = RoutedFeatures.create(student, stages, classes=2, width=8)
    labelled = loss(student, stages, targets=LABELS)
    hidden = loss(student, stages, targets=LABELS.masked_fill(LABELS == 1, -1))
    torch.testing.assert_close(hidden[LABELS == 0], labelled[LABELS == 0])
    assert (hidden[LABELS == 1] < labelled[LABELS == 1]).all()


@pytest.mark.parametrize(
    ("student", "stages"),
    [
        ([torch.zeros(2, 3)], [torch.zeros(2, 3)]),
        ([], [torch.zeros(2, 3), torch.zeros(2, 3)]),
        ([torch.zeros(2, 3)], [torch.zeros(2, 3), torch.zeros(4, 3)]),
    ],
)
def test_one_stage_and_unlike_batches_are_refused(student: list[Tensor], stages: list[Tensor]) -> None:
    with pytest.raises(ValueError, match="two stages or more"):
        routable(student, stages)
    with pytest.raises(ValueError, match="two stages or more"):
        LOSSES["routed_features"].bind(student, stages, classes=2)
