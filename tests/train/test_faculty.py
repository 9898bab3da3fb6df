"""Several teachers of one student."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from stillroom.losses import LOSSES
from stillroom.losses.combine.fusion import confidence_weights, fixed_weights, fuse
from stillroom.signals import LiveTeacher, SignalSettings, SignalSource
from stillroom.train import ObjectiveSettings, fit
from stillroom.train.batches import collate
from stillroom.train.learner import Learner
from stillroom.types import TrainError
from train.tiny import model, rows, settings

SOFT = {"alpha": 1.0, "divergence": "forward_kl", "temperature": 2.0, "hidden_weight": 0.0}
TEACHERS = [model(seed=seed) for seed in (5, 6)]
BATCH = collate(rows()[:6])


def learner(
    fusion: dict[str, object] | None, sources: list[SignalSource] | None = None, **changes: object
) -> Learner:
    wanted = ObjectiveSettings.model_validate({**SOFT, **changes, "fusion": fusion})
    return Learner(model().network, wanted, sources or [LiveTeacher(teacher) for teacher in TEACHERS])


def logits(network: torch.nn.Module) -> torch.Tensor:
    return network(BATCH.ids).logits.flatten(0, 1)[BATCH.positions]


def gradient(loss: torch.Tensor, network: torch.nn.Module) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(network.parameters())))


def mixture_loss(student: torch.nn.Module, weights: torch.Tensor) -> torch.Tensor:
    mixed = fuse(torch.stack([logits(t.network) for t in TEACHERS]), weights, temperature=2.0)
    return LOSSES["forward_kl"](logits(student), mixed, temperature=2.0).sum()


@pytest.mark.parametrize("shares", [(0.6, 0.4), (1.0, 0.0)])
def test_fixed_shares_learn_the_mixture_of_the_teachers(shares: tuple[float, float]) -> None:
    ours = learner({"kind": "fixed", "shares": shares})
    expected = gradient(mixture_loss(ours.network, fixed_weights(shares)), ours.network)
    for found, wanted in zip(gradient(ours(BATCH).total, ours.network), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)


def test_equal_shares_are_the_default() -> None:
    torch.testing.assert_close(
        learner({"kind": "fixed"})(BATCH).total, learner({"kind": "fixed", "shares": [0.5, 0.5]})(BATCH).total
    )


def test_a_teacher_that_explains_the_label_is_heard_more() -> None:
    ours = learner({"kind": "confidence"})
    weights = confidence_weights(torch.stack([logits(t.network) for t in TEACHERS]), BATCH.targets)
    expected = gradient(mixture_loss(ours.network, weights), ours.network)
    for found, wanted in zip(gradient(ours(BATCH).total, ours.network), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-3, atol=1e-4)


def test_a_teacher_that_is_even_over_the_classes_is_not_heard_by_entropy() -> None:
    silent = model(seed=9)
    with torch.no_grad():
        silent.network.lm_head.weight.zero_()
    both = learner({"kind": "entropy"}, [LiveTeacher(TEACHERS[0]), LiveTeacher(silent)])
    alone = learner(None, [LiveTeacher(TEACHERS[0])])
    torch.testing.assert_close(both(BATCH).total, alone(BATCH).total, rtol=1e-4, atol=1e-3)


def test_a_specialty_has_shares_of_its_own() -> None:
    ours = learner({"kind": "specialty", "shares": [0.5, 0.5], "by_specialty": {"heart": [1.0, 0.0]}})
    row = rows()[0]
    one = learner(None, [LiveTeacher(TEACHERS[0])])
    torch.testing.assert_close(
        ours(collate([replace(row, shares=(1.0, 0.0))])).total,
        one(collate([row])).total,
        rtol=1e-5,
        atol=1e-5,
    )
    assert float(ours(collate([row])).total.detach()) != pytest.approx(
        float(one(collate([row])).total.detach())
    )


def test_hard_labels_count_once() -> None:
    both = learner({"kind": "fixed"}, alpha=0.25)(BATCH)
    alone = learner(None, [LiveTeacher(TEACHERS[0])], alpha=0.25)(BATCH)
    torch.testing.assert_close(both.terms["cross_entropy"], alone.terms["cross_entropy"])
    expected = 0.75 * both.terms["cross_entropy"] + 0.25 * both.terms["forward_kl"]
    torch.testing.assert_close(both.total.detach(), expected, rtol=1e-5, atol=1e-3)


def test_teachers_may_keep_targets_of_different_kinds() -> None:
    top = SignalSettings.model_validate(
        {
            "targets": {"kind": "top_k", "classes": 9},
            "layer_format": "float16",
            "shard_tokens": 9,
            "encryption": None,
        }
    )
    truncated = LiveTeacher(TEACHERS[1], top, temperature=2.0)
    total = learner({"kind": "fixed"}, [LiveTeacher(TEACHERS[0]), truncated])(BATCH).total
    assert torch.isfinite(total)
    with pytest.raises(TrainError, match="'fixed' or 'specialty'"):
        learner({"kind": "confidence"}, [LiveTeacher(TEACHERS[0]), truncated])(BATCH)


def test_a_gate_learns_from_labels_alone(tmp_path: Path) -> None:
    knowing = model()
    fit(knowing, rows(), settings(steps=60, learning_rate=1e-2), seed=1, work=tmp_path / "a", key="k")
    ours = learner({"kind": "gate"}, [LiveTeacher(knowing), LiveTeacher(TEACHERS[0])])
    optimizer = torch.optim.Adam(ours.faculty.gate.parameters(), lr=0.1)
    for _ in range(20):
        optimizer.zero_grad()
        ours(BATCH).total.backward()
        optimizer.step()
    shares = ours.faculty.voices(BATCH, ours._looker.look(ours.network, BATCH).hidden)
    assert float(shares[0].share.mean().detach()) > 0.8


@pytest.mark.parametrize(
    ("fusion", "message"),
    [
        ({"kind": "fixed", "shares": [0.6, 0.6]}, "sum to 1"),
        ({"kind": "specialty", "shares": [0.5, 0.5]}, "by_specialty"),
        ({"kind": "confidence", "shares": [0.5, 0.5]}, "no `shares`"),
    ],
)
def test_shares_that_are_none_are_refused(fusion: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        learner(fusion)


def test_teachers_and_shares_must_be_as_many() -> None:
    with pytest.raises(TrainError, match="3 shares"):
        learner({"kind": "fixed", "shares": [0.2, 0.3, 0.5]})
    with pytest.raises(TrainError, match=r"no objective\.fusion"):
        learner(None)
