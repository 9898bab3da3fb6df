from __future__ import annotations

from stillroom.data.groups import components


def test_concepts_linked_through_others_are_one_group() -> None:
    keys = {"d": ["one"], "c": ["one", "two"], "b": ["three"], "a": ["two"]}
    assert components(keys) == {"a": "a", "b": "b", "c": "a", "d": "a"}


def test_concepts_without_texts_stand_alone() -> None:
    assert components({"a": [""], "b": [""], "c": []}) == {"a": "a", "b": "b", "c": "c"}


def test_new_rows_rename_no_group_that_they_do_not_touch() -> None:
    before = components({"HP:2": ["x"], "HP:3": ["x"], "HP:5": ["y"]})
    after = components({"HP:2": ["x"], "HP:3": ["x"], "HP:5": ["y"], "HP:1": ["z"], "HP:9": ["y"]})
    assert {concept: after[concept] for concept in before} == before
