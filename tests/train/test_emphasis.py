"""Rows that count more, and tokens at which the teacher is not followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from stillroom.signals import LiveTeacher, SignalSettings
from stillroom.train import ObjectiveSettings
from stillroom.train.batches import collate, pack
from stillroom.train.emphasis import doubted_shares, mark_doubted, weigh_specialties
from stillroom.train.learner import Learner
from stillroom.types import Encoded, TrainError
from train.tiny import model, rows

SOFT = {"alpha": 0.6, "divergence": "forward_kl", "temperature": 2.0, "hidden_weight": 0.5}


def learner(**changes: object) -> Learner:
    source = LiveTeacher(model(seed=5), layers=(0, 1))
    return Learner(model().network, ObjectiveSettings.model_validate({**SOFT, **changes}), source)


def test_the_mean_weight_over_tokens_is_one() -> None:
    given = rows()
    specialties = ["cardiology" if index % 3 else "radiology" for index in range(len(given))]
    weighed = weigh_specialties(given, specialties, {"cardiology": 1.2, "radiology": 0.3})
    tokens = [len(row.targets) for row in weighed]
    assert np.average([row.weight for row in weighed], weights=tokens) == pytest.approx(1.0)
    assert weighed[1].weight / weighed[0].weight == pytest.approx(4.0)


def test_an_unknown_specialty_is_refused() -> None:
    with pytest.raises(TrainError, match="cardiolgy"):
        weigh_specialties(rows()[:1], ["cardiology"], {"cardiolgy": 1.2})


@pytest.mark.parametrize("lay", [collate, pack])
def test_weights_scale_what_each_row_adds(lay) -> None:
    given = rows()[:6]
    weighed = [replace(row, weight=float(index)) for index, row in enumerate(given)]
    ours = learner()
    expected = sum(index * ours(collate([row])).total for index, row in enumerate(given))
    torch.testing.assert_close(ours(lay(weighed)).total, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("targets", [{"kind": "hidden"}, {"kind": "top_k", "classes": 5}])
def test_doubted_are_the_tokens_where_the_teachers_first_choice_is_wrong(targets: dict) -> None:
    teacher = model(seed=5)
    kept = SignalSettings.model_validate(
        {"targets": targets, "layer_format": "float16", "shard_tokens": 100, "encryption": None}
    )
    row = rows()[3]
    (marked,) = mark_doubted([row], LiveTeacher(teacher, kept))
    logits = teacher.network(torch.from_numpy(row.ids)[None]).logits[0, row.start - 1 : -1]
    assert marked.doubted.tolist() == (logits.argmax(-1).numpy() != row.targets).tolist()


def test_draws_vote_for_the_teachers_first_choice(tmp_path: Path) -> None:
    settings = SignalSettings.model_validate(
        {
            "targets": {"kind": "sampled", "draws": 2000},
            "layer_format": "float16",
            "shard_tokens": 100,
            "encryption": None,
        }
    )
    teacher = model(seed=5)
    with torch.no_grad():
        teacher.network.lm_head.weight *= 40
    exact = mark_doubted(rows()[:8], LiveTeacher(teacher))
    drawn = mark_doubted(rows()[:8], LiveTeacher(teacher, settings))
    same = np.concatenate([a.doubted == b.doubted for a, b in zip(exact, drawn, strict=True)])
    assert same.mean() > 0.95


def test_a_doubted_token_keeps_a_share_of_alpha_and_the_label_takes_the_rest() -> None:
    row = rows()[0]
    marks = np.zeros(len(row.targets), bool)
    marks[1:3] = True
    ours = learner(wrong_teacher_weight=0.25)
    value = ours(collate([replace(row, doubted=marks)]))
    followed = learner(alpha=0.6)(collate([replace(row, weight=1.0)]))
    batch = collate([row])
    parts = [
        learner(alpha=alpha, hidden_weight=0.0)(replace(batch, weights=torch.tensor(keep))).total
        for alpha, keep in ((0.6, (~marks).astype(np.float32)), (0.15, marks.astype(np.float32)))
    ]
    hidden = 0.5 * followed.terms["hidden_mse"]
    torch.testing.assert_close(value.total, parts[0] + parts[1] + hidden, rtol=1e-5, atol=1e-5)


def test_shares_are_told_by_specialty() -> None:
    marked = [
        Encoded(np.arange(5), 1, doubted=np.array([True, False, False, False])),
        Encoded(np.arange(3), 1, doubted=np.array([True, True])),
    ]
    assert doubted_shares(marked, ["heart", "lung"]) == {"all": 0.5, "heart": 0.25, "lung": 1.0}


def test_training_on_the_most_important_tokens_leaves_the_others_out() -> None:
    ours = learner(token_importance={"score": "entropy", "share": 0.5}, hidden_weight=0.0)
    batch = collate(rows()[:4])
    chosen = ours.train()(batch).total
    everything = ours.eval()(batch).total
    assert float(chosen.detach()) != pytest.approx(float(everything.detach()))
    torch.testing.assert_close(everything, learner(hidden_weight=0.0)(batch).total)
