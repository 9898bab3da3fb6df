"""Recipes that say only what is different from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.recipes import load
from stillroom.recipes.bases import merged
from stillroom.types import RecipeError


def test_a_recipe_has_the_lines_of_its_base_but_for_its_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("base: quickstart\nname: mine\nobjective: {alpha: 0.5}\n")
    ours, base = load(mine), load("quickstart")
    assert (ours.name, ours.objective.alpha) == ("mine", 0.5)
    assert ours.objective.hidden_weight == base.objective.hidden_weight
    assert ours.train == base.train


def test_a_base_may_have_a_base(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_text("base: quickstart\nname: first\nseed: 7\n")
    second = tmp_path / "second.yaml"
    second.write_text(f"base: {tmp_path / 'first.yaml'}\nname: second\n")
    assert load(second).seed == 7


def test_a_block_of_another_kind_is_replaced(tmp_path: Path) -> None:
    hpo, file = {"source": "hpo", "train": 5}, {"source": "file", "path": "x"}
    assert merged({"corpus": hpo}, {"corpus": file}) == {"corpus": file}
    assert merged({"corpus": hpo}, {"corpus": {"train": 6}}) == {"corpus": {"source": "hpo", "train": 6}}
    soft, values = {"loss": "forward_kl", "hyper": {"temperature": 2.0}}, {"loss": "logit_mse", "weight": 1.0}
    assert merged({"soft": soft}, {"soft": values}) == {"soft": values}
    live = load("quickstart", ["signals.source=live"]).signals
    mine = tmp_path / "mine.yaml"
    mine.write_text("base: quickstart\nname: mine\nsignals: {source: live}\n")
    assert load(mine).signals == live


def test_a_teacher_of_the_base_is_dropped_by_a_null() -> None:
    assert list(load("llm-note-section").teachers) == ["llm"]


def test_a_term_of_the_base_is_dropped_by_a_null(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("base: icu-outcomes\nname: mine\nobjective: {terms: {stay: null}}\n")
    assert list(load(mine).objective.terms) == ["soft"]
    assert list(load("icu-outcomes", ["objective.terms.stay=null"]).objective.terms) == ["soft"]
    with pytest.raises(RecipeError, match=r"objective.terms = \{\}; expected .*at least 1"):
        load(mine, ["objective.terms.soft=null"])


def test_an_override_goes_over_both(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("base: quickstart\nname: mine\nseed: 5\n")
    assert load(mine, ["seed=6"]).seed == 6


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("base: quikstart\n", "did you mean 'quickstart'"),
        ("base: [quickstart]\n", "the name of a recipe"),
        ("base: {own}\n", "lead back"),
    ],
)
def test_a_base_that_leads_nowhere_is_refused(tmp_path: Path, text: str, told: str) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(text.replace("{own}", str(mine)))
    with pytest.raises(RecipeError, match=told):
        load(mine)
