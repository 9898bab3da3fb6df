from __future__ import annotations

import pytest

from stillroom.recipes import load
from stillroom.recipes.sweeps.grid import points
from stillroom.types import RecipeError

QUICKSTART = load("quickstart")


def test_every_combination_is_a_point_with_its_own_name() -> None:
    found = points(QUICKSTART, ["objective.alpha=0.3,0.7", "objective.temperature=1,2"], [1, 2])
    assert len(found) == 8
    assert len({point.name for point in found}) == 8
    assert found[0].name == "alpha-0.3.temperature-1.seed-1"
    assert (found[-1].recipe.objective.alpha, found[-1].recipe.train.seed) == (0.7, 2)


def test_a_single_value_changes_all_points_and_is_no_axis() -> None:
    found = points(QUICKSTART, ["objective.alpha=0.3,0.7", "train.steps=20"], [])
    assert {point.recipe.train.steps for point in found} == {20}
    assert [dict(point.values) for point in found] == [{"objective.alpha": "0.3"}, {"objective.alpha": "0.7"}]


def test_commas_in_brackets_belong_to_the_value() -> None:
    hot = "{schedule: linear, start: 4.0, end: 1.0}"
    found = points(QUICKSTART, [f"objective.temperature=1.0,{hot}"], [])
    assert len(found) == 2
    assert found[1].recipe.objective.constant_temperature is None
    assert found[1].name.startswith("temperature-")


def test_keys_that_end_alike_are_told_in_full() -> None:
    names = [point.name for point in points(QUICKSTART, ["teach.steps=5,6", "train.steps=7,8"], [])]
    assert names[0] == "teach.steps-5.train.steps-7.seed-1"


@pytest.mark.parametrize("item", ["objective.alpha", "=1,2", "objective.alpha=0.3,,0.7", "objective.alpha="])
def test_what_is_no_item_is_refused(item: str) -> None:
    with pytest.raises(RecipeError, match="sweep item"):
        points(QUICKSTART, [item], [])


def test_nothing_to_vary_and_a_point_out_of_range_are_refused_before_anything_runs() -> None:
    with pytest.raises(RecipeError, match="over nothing"):
        points(QUICKSTART, [], [])
    with pytest.raises(RecipeError, match="alpha"):
        points(QUICKSTART, ["objective.alpha=0.5,1.5"], [])
