"""What a training's settings refuse, in words that say what to do."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from stillroom.recipes import load
from stillroom.types import RecipeError
from train.tiny import settings

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"warmup_steps": 3}, "either `warmup_share` or `warmup_steps`"),
    ({"warmup_share": None}, "either `warmup_share` or `warmup_steps`"),
    ({"warmup_share": None, "warmup_steps": 8}, "shorter than the 8 steps"),
    ({"tokens_per_pass": "auto"}, "memory_budget_gib"),
    ({"memory_budget_gib": 1.0}, "memory_budget_gib"),
    ({"tokens_per_pass": "most"}, "auto"),
    ({"schedule": "constant"}, "final_learning_rate_share: 1.0"),
    ({"schedule": "step"}, "'cosine', 'linear' or 'constant'"),
    ({"betas": (0.9, 1.0)}, "less than 1"),
    ({"trackers": ("nowhere",)}, "tensorboard"),
    ({"keep_checkpoints": 0}, "greater than 0"),
    ({"early_stopping": {"figure": "forward_kl", "patience": 1}}, "task"),
    ({"divergence_guard": {"loss_ratio": 1.0, "steps": 3}}, "greater than 1"),
    ({"lora": {"rank": 4, "alpha": 8, "dropout": 0.0, "targets": []}}, "at least 1 item"),
]


@pytest.mark.parametrize(("changes", "message"), REFUSED)
def test_what_does_not_fit_together_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        settings(**changes)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("train.warmup_steps=20", "either `warmup_share` or `warmup_steps`"),
        ("train.tokens_per_pass=auto", "`memory_budget_gib` with `tokens_per_pass: auto`"),
        ("train.lora={rank: 8}", "no key 'train.lora.alpha'"),
        ("train.trackers=[tensorbord]", "train.trackers"),
    ],
)
def test_a_recipe_is_refused_in_one_line_that_names_the_key(override: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        load("quickstart", [override])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_recipe_may_ask_for_every_feature() -> None:
    train = load(
        "quickstart",
        [
            "train.warmup_share=null",
            "train.warmup_steps=20",
            "train.schedule=linear",
            "train.tokens_per_pass=auto",
            "train.memory_budget_gib=1.5",
            "train.lora={rank: 8, alpha: 16, dropout: 0.0, targets: [q_proj, v_proj]}",
            "train.early_stopping={figure: task, patience: 3}",
            "train.divergence_guard={loss_ratio: 3.0, steps: 20}",
            "train.trackers=[tensorboard]",
        ],
    ).train
    assert (train.warmup, train.tokens_per_pass) == (20, "auto")
    assert train.lora
    assert train.lora.targets == ("q_proj", "v_proj")
