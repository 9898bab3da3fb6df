from __future__ import annotations

from stillroom.recipes import Recipe
from stillroom.recipes.planning.edits import edited, fewest


def test_an_edit_that_the_schema_refuses_is_none(recipe: Recipe) -> None:
    assert edited(recipe, ["train.stepz=3"]) is None
    changed = edited(recipe, ["train.steps=3"])
    assert changed is not None
    assert changed.train.steps == 3


def test_only_needed_edits_are_kept(recipe: Recipe) -> None:
    candidates = [("train.steps=9",), ("no.such=key",), ("train.steps=8",), ("seed=5",)]
    found = fewest(recipe, candidates, lambda changed: changed.seed == 5)
    assert found is not None
    assert found[0] == ("seed=5",)


def test_edits_are_added_up_in_their_order(recipe: Recipe) -> None:
    candidates = [("train.steps=9",), ("seed=5",), ("max_tokens=100",)]
    found = fewest(recipe, candidates, lambda changed: (changed.train.steps, changed.seed) == (9, 5))
    assert found is not None
    assert found[0] == ("train.steps=9", "seed=5")


def test_none_where_nothing_helps(recipe: Recipe) -> None:
    assert fewest(recipe, [("seed=5",)], lambda changed: False) is None
