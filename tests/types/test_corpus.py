from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from stillroom.types import Corpus, Example, Source

ROW = Example("HP:1", "Define it.", "A thing.", "definition", "neurology", "basic", "HP:1")
SOURCE = Source("made", "1", "CC0-1.0", "", "")


def corpus(*train: Example) -> Corpus:
    return Corpus("made", (SOURCE,), {"train": train, "validation": (), "test": ()}, {})


def test_equal_content_has_an_equal_fingerprint() -> None:
    assert corpus(ROW).fingerprint == corpus(replace(ROW)).fingerprint


@pytest.mark.parametrize(
    "change", [{"response": "Another."}, {"options": ("A thing.", "b")}, {"group": "HP:2"}]
)
def test_any_change_of_a_row_changes_it(change: dict[str, object]) -> None:
    assert corpus(ROW).fingerprint != corpus(replace(ROW, **change)).fingerprint


def test_so_does_a_change_of_licence_or_order() -> None:
    other = replace(ROW, id="HP:2")
    assert corpus(ROW, other).fingerprint != corpus(other, ROW).fingerprint
    licensed = replace(corpus(ROW), sources=(replace(SOURCE, licence="MIT"),))
    assert licensed.fingerprint != corpus(ROW).fingerprint


def test_the_answer_is_the_place_of_the_response_among_the_options() -> None:
    assert replace(ROW, options=("no", "A thing.")).answer == 1


def test_an_example_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        ROW.response = "Another."  # type: ignore[misc]
