from __future__ import annotations

import pytest

from stillroom.recipes.overrides import override
from stillroom.types import RecipeError


def test_values_are_yaml_and_later_ones_win() -> None:
    items = ["train.rate=1e-3", "train.rate=2e-3", "student.layers=[0, 3]", "train.name=", "on=true"]
    assert override({}, items) == {
        "train": {"rate": 0.002, "name": None},
        "student": {"layers": [0, 3]},
        "on": True,
    }


def test_a_value_may_hold_an_equals_sign() -> None:
    assert override({}, ["prompt=a=b"]) == {"prompt": "a=b"}


def test_the_data_given_stays_as_it_was() -> None:
    data = {"train": {"steps": 500}}
    override(data, ["train.steps=1"])
    assert data == {"train": {"steps": 500}}


@pytest.mark.parametrize("item", ["train.steps", "=5", "train..steps=5", ".steps=5", "train.=5"])
def test_anything_but_key_value_is_refused(item: str) -> None:
    with pytest.raises(RecipeError, match=r"expected key=value. To fix: write it like train.steps=50"):
        override({}, [item])


def test_a_path_through_a_plain_value_is_refused() -> None:
    with pytest.raises(RecipeError, match=r"override 'seed.x' reaches inside 'seed', which is a plain value"):
        override({"seed": 1}, ["seed.x=5"])


def test_a_value_that_is_not_yaml_names_its_key() -> None:
    with pytest.raises(RecipeError, match=r"override 'student.layers', line 1: "):
        override({}, ["student.layers=[1"])


def test_items_of_a_list_are_named_by_their_place() -> None:
    data = {"assistants": [{"train": {"steps": 160}}, {"train": {"steps": 80}}]}
    expected = {"assistants": [{"train": {"steps": 160}}, {"train": {"steps": 8}}]}
    assert override(data, ["assistants.1.train.steps=8"]) == expected


@pytest.mark.parametrize("place", ["2", "-1", "first"])
def test_an_item_that_a_list_does_not_have_is_refused(place: str) -> None:
    message = rf"override 'layers.{place}' asks for item '{place}' of 'layers', which has 2"
    with pytest.raises(RecipeError, match=message):
        override({"layers": [0, 5]}, [f"layers.{place}=1"])
