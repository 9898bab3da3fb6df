from __future__ import annotations

import pytest

from stillroom.recipes import load
from stillroom.types import RecipeError, TrainError

SAMPLED = "signals.targets={kind: sampled, draws: 50}"


def test_draws_serve_forward_kl_alone() -> None:
    assert load("quickstart", [SAMPLED]).objective.divergence == "forward_kl"
    with pytest.raises(
        RecipeError, match=r"divergence = 'reverse_kl' with sampled targets; expected 'forward_kl'"
    ):
        load("quickstart", [SAMPLED, "objective.divergence=reverse_kl"])
    load("quickstart", ["signals.targets={kind: top_k, classes: 64}", "objective.divergence=reverse_kl"])


def test_a_moving_temperature_needs_targets_that_serve_any() -> None:
    moving = "objective.temperature={schedule: exponential, start: 8, end: 1}"
    assert load("quickstart", [moving]).objective.constant_temperature is None
    with pytest.raises(RecipeError, match=r"a schedule for objective\.temperature, with sampled targets"):
        load("quickstart", [moving, SAMPLED])


def test_a_choice_of_tokens_that_compares_distributions_needs_them_whole() -> None:
    chosen = "objective.token_importance={score: soft_or, share: 0.5}"
    assert load("quickstart", [chosen]).objective.token_importance is not None
    load("quickstart", [SAMPLED, chosen.replace("soft_or", "entropy")])
    with pytest.raises(RecipeError, match=r"token_importance\.score = 'soft_or' with sampled targets"):
        load("quickstart", [chosen, SAMPLED])


def test_a_further_term_is_checked_when_the_recipe_is_read() -> None:
    load("quickstart", ["objective.terms={look: {loss: hidden_cosine, weight: 0.5}}"])
    with pytest.raises(TrainError, match="hidden_cosin"):
        load("quickstart", ["objective.terms={look: {loss: hidden_cosin, weight: 0.5}}"])


def test_a_term_on_attention_needs_it_recorded() -> None:
    look = "objective.terms={look: {loss: attention_kl, weight: 0.2}}"
    load("quickstart", [look, "signals.attention={layers: [28, 29], heads: mean, precision: uint8}"])
    with pytest.raises(RecipeError, match=r"signals\.attention = null"):
        load("quickstart", [look])


def test_what_the_student_writes_needs_a_live_teacher() -> None:
    own = "objective.on_policy={share: 0.5, divergence: reverse_kl, max_new_tokens: 40, temperature: 1.0}"
    assert load("quickstart", [own, "signals.source=live"]).objective.on_policy is not None
    with pytest.raises(RecipeError, match=r"on_policy with recorded signals"):
        load("quickstart", [own])
