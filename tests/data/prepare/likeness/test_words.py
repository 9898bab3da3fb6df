"""Words: what is the same text, and what is not."""

from __future__ import annotations

import pytest

from stillroom.data.prepare.likeness.words import turns, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aspirin, 100 mg.", "  ASPIRIN\n100  mg"),
        ("ﬁbrosis of the ｌｕｎｇ", "fibrosis of the lung"),
        ("10⁹/l", "109 / l"),
        ("snake_case", "snake case"),
        ("café", "cafe\u0301"),
        ("a range of 2–5", "A range of 2-5"),
    ],
)
def test_case_spacing_punctuation_and_compatible_letters_play_no_part(one: str, other: str) -> None:
    assert words(one) == words(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5 mg", "15 mg"),
        ("1.5 mg", "1 5 mg"),
        ("p < 0.05", "p > 0.05"),
        ("base excess -5", "base excess 5"),
        ("Rh-", "Rh+"),
        ("Rh-", "Rh"),
        ("5 %", "5"),
        ("аspirin with a Cyrillic a", "aspirin with a Cyrillic a"),
    ],
)
def test_signs_that_turn_a_meaning_are_words_and_letters_that_look_alike_are_not_alike(
    one: str, other: str
) -> None:
    assert words(one) != words(other)


def test_a_text_without_a_word_has_none() -> None:
    assert words("") == words(" \n") == words("?!… _ 。") == []


@pytest.mark.parametrize("word", ["not", "5", "1.5", "t4", "iv", "b", "right", "hyperkalemia", "-", "≥"])
def test_words_that_turn_a_meaning(word: str) -> None:
    assert turns(word)


@pytest.mark.parametrize("word", ["a", "s", "kidney", "disease", "mild"])
def test_words_that_may_be_misspelt(word: str) -> None:
    assert not turns(word)
