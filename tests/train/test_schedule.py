"""Learning rate over a training."""

from __future__ import annotations

import pytest

from stillroom.train import TrainSettings
from stillroom.train.schedule import learning_rate

SETTINGS = TrainSettings(
    steps=100,
    tokens_per_step=1,
    tokens_per_pass=1,
    learning_rate=2.0,
    final_learning_rate_share=0.1,
    warmup_share=0.1,
    weight_decay=0,
    max_grad_norm=1,
    precision="float32",
    checkpoint_seconds=1,
    evaluate_every_share=1,
)


def test_it_rises_in_a_line_to_the_peak() -> None:
    assert [learning_rate(step, SETTINGS) for step in (0, 4, 9)] == pytest.approx([0.2, 1.0, 2.0])


def test_it_falls_as_a_cosine_to_the_final_share() -> None:
    assert learning_rate(55, SETTINGS) == pytest.approx(2.0 * (0.1 + 0.9 / 2))
    assert learning_rate(100, SETTINGS) == pytest.approx(0.2)
    falling = [learning_rate(step, SETTINGS) for step in range(9, 101)]
    assert falling == sorted(falling, reverse=True)


def test_no_warm_up_starts_at_the_peak() -> None:
    assert learning_rate(0, SETTINGS.model_copy(update={"warmup_share": 0.0})) == 2.0
