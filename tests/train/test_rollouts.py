"""Learning from responses of the student's own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from stillroom.losses import LOSSES
from stillroom.signals import LiveTeacher, SignalStore, collect
from stillroom.train import ObjectiveSettings, fit
from stillroom.train.batches import collate
from stillroom.train.learner import Learner
from stillroom.train.objective import OnPolicySettings
from stillroom.train.rollouts import Rollouts, Sampling, sample
from stillroom.types import Encoded, SignalError
from train.tiny import model, rows, settings

END = 2
ROWS = rows()[:12]


def wanted(share: object = 1.0, **changes: object) -> OnPolicySettings:
    return OnPolicySettings.model_validate(
        {"share": share, "divergence": "reverse_kl", "max_new_tokens": 6, "temperature": 1.0, **changes}
    )


def objective(**changes: object) -> ObjectiveSettings:
    fixed = {"alpha": 0.7, "divergence": "forward_kl", "temperature": 1.0, "hidden_weight": 0.0}
    return ObjectiveSettings.model_validate({**fixed, "on_policy": wanted(0.5).model_dump(), **changes})


def mix(policy: OnPolicySettings, step: int = 0, steps: int = 2, seed: int = 1) -> tuple[Encoded, ...]:
    return Rollouts(policy, ROWS, END).mix(model().network, ROWS, (seed, step), step, steps)


def test_a_share_of_nothing_leaves_the_rows_as_they_are() -> None:
    assert all(a is b for a, b in zip(mix(wanted(0.0)), ROWS, strict=True))


def test_every_response_may_be_the_students() -> None:
    for row, old in zip(mix(wanted(1.0)), ROWS, strict=True):
        assert not row.labelled
        assert row.ids[: row.start].tolist() == old.ids[: old.start].tolist()
        assert 1 <= len(row.targets) <= 6
        assert END not in row.targets[:-1].tolist()


def test_draws_depend_on_seed_and_step_alone() -> None:
    drawn = [
        [row.ids.tolist() for row in mix(wanted(), step, seed=seed)]
        for step, seed in [(0, 1), (0, 1), (1, 1), (0, 2)]
    ]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert drawn[0] != drawn[3]


def test_neighbours_do_not_change_what_a_cold_student_writes() -> None:
    cold = Sampling(temperature=1e-4, max_new_tokens=6)
    prompts = [row.ids[: row.start] for row in ROWS]
    together = sample(model().network, prompts, END, cold, seed=0)
    for prompt, response in zip(prompts, together, strict=True):
        (alone,) = sample(model().network, [prompt], END, cold, seed=0)
        assert response.tolist() == alone.tolist()


def test_the_share_follows_its_schedule() -> None:
    rising = wanted({"schedule": "linear", "start": 0.0, "end": 1.0})
    assert [sum(not row.labelled for row in mix(rising, step)) for step in (0, 1)] == [0, len(ROWS)]


def test_earlier_responses_are_used_again() -> None:
    policy = wanted(replay={"rows": 4, "fresh": 0.0})
    rollouts, network = Rollouts(policy, ROWS, END), model().network
    first = rollouts.mix(network, ROWS, (1, 0), 0, 2)
    second = rollouts.mix(network, ROWS, (1, 1), 1, 2)
    latest = {tuple(row.ids.tolist()) for row in first[-4:]}
    assert {tuple(row.ids.tolist()) for row in second} <= latest
    assert not any(row.labelled for row in second)


def test_what_the_student_wrote_has_a_soft_term_alone() -> None:
    teacher = model(seed=5)
    learner = Learner(model().network, objective(), LiveTeacher(teacher))
    batch = collate(mix(wanted(0.5)))
    value = learner(batch)
    student, says = (
        m(batch.ids).logits.flatten(0, 1)[batch.positions] for m in (learner.network, teacher.network)
    )
    own = batch.written
    hard = LOSSES["cross_entropy"](student[~own], batch.targets[~own]).sum()
    forward = LOSSES["forward_kl"](student[~own], says[~own]).sum()
    reverse = LOSSES["reverse_kl"](student[own], says[own]).sum()
    torch.testing.assert_close(value.total, 0.3 * hard + 0.7 * (forward + reverse), rtol=1e-4, atol=1e-3)
    assert list(value.terms) == ["cross_entropy", "forward_kl", "reverse_kl"]


def test_training_on_own_responses_goes_on_after_a_kill_bit_for_bit(tmp_path: Path) -> None:
    def train(work: Path, **changes: object) -> str:
        student = model()
        fit(
            student,
            rows(),
            settings(**changes),
            seed=1,
            work=work,
            key="k",
            objective=objective(on_policy=wanted(0.5, replay={"rows": 8, "fresh": 0.5}).model_dump()),
            signals=LiveTeacher(model(seed=5)),
            validation=rows()[:4],
        )
        return student.fingerprint()

    whole = train(tmp_path / "whole")

    class Killed(Exception):
        pass

    def kill(task: str, done: int, total: int, figures: object = None) -> None:
        if done == 5:
            raise Killed

    student = model()
    with pytest.raises(Killed):
        fit(
            student,
            rows(),
            settings(checkpoint_seconds=1e-9),
            seed=1,
            work=tmp_path / "cut",
            key="k",
            objective=objective(on_policy=wanted(0.5, replay={"rows": 8, "fresh": 0.5}).model_dump()),
            signals=LiveTeacher(model(seed=5)),
            validation=rows()[:4],
            progress=kill,
        )
    assert list((tmp_path / "cut").glob("checkpoint-*"))
    assert train(tmp_path / "cut") == whole


def test_recorded_signals_know_nothing_of_what_the_student_writes(tmp_path: Path) -> None:
    teacher = model(seed=5)
    collect(teacher, rows(), tmp_path / "s")
    store = SignalStore.open(tmp_path / "s", teacher.fingerprint())
    with pytest.raises(SignalError):
        fit(
            model(),
            rows(),
            settings(),
            seed=1,
            work=tmp_path / "w",
            key="k",
            objective=objective(),
            signals=store,
        )


def test_a_share_is_a_share() -> None:
    with pytest.raises(ValidationError, match="shares in"):
        wanted(1.5)
