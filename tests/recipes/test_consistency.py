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


def test_hidden_states_of_two_models_need_a_map() -> None:
    other = "student={layers: all, start_from: {model: gemma3-270m}}"
    load("quickstart", [other, "objective.hidden_weight=0"])
    load("quickstart", [other, "student.layer_map=uniform"])
    with pytest.raises(RecipeError, match=r"hidden_weight with a student that starts from 'gemma3-270m'"):
        load("quickstart", [other])


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("{layers: {choose: unifrom, count: 3}}", r"student.layers.*'uniform'"),
        ("{layers: {choose: uniform, cout: 3}}", r"unknown key 'student.layers.cout'.*count"),
        ("{layers: half}", r"student.layers = 'half'"),
        ("{layers: {choose: similarity, count: 3}}", r"calibration_rows"),
        ("{layers: all, width: {hiden: 9}}", r"unknown key 'student.width.hiden'.*hidden"),
        ("{layers: all, layer_map: diagonal}", r"student.layer_map = 'diagonal'"),
    ],
)
def test_a_student_block_with_a_slip_is_told_in_a_line(block: str, message: str) -> None:
    with pytest.raises(RecipeError, match=message) as caught:
        load("quickstart", [f"student={block}"])
    assert "\n" not in str(caught.value)


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
