from __future__ import annotations

import pytest

from stillroom.data.lexicon import (
    BOTH_SIDES,
    NEGATIONS,
    SIDE_ABBREVIATIONS,
    SIDES,
    UNITS,
    find_all,
    negations,
    sides,
    units,
)


def words(kind: str, text: str) -> list[str]:
    return [text[start:stop] for start, stop in find_all(text)[kind]]


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("12.5 mg twice", "12.5 mg"),
        ("0.1mg/kg/h", "0.1mg/kg/h"),
        ("100 µg", "100 µg"),
        ("40 %", "40 %"),
        ("1,000 IU", "1,000 IU"),
        ("a 5-year survival", "5-year"),
        ("38.5 °C", "38.5 °C"),
    ],
)
def test_a_dose_is_a_number_with_its_unit(text: str, dose: str) -> None:
    assert words("dose", text) == [dose]


@pytest.mark.parametrize("text", ["5 fingers", "grade 3", "type 2 diabetes", "T2 weighted", "5 Megan"])
def test_a_number_without_a_unit_is_no_dose(text: str) -> None:
    assert words("dose", text) == []
    assert len(words("number", text)) == 1


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_found_after_a_number(unit: str) -> None:
    assert units(f"5 {unit}") == [(2, 2 + len(unit))]


@pytest.mark.parametrize("word", NEGATIONS)
def test_every_negation_is_found(word: str) -> None:
    assert negations(f"There, {word} fever")[0] == (7, 7 + len(word))


@pytest.mark.parametrize("text", ["notable", "nose", "knot", "abnormal", "another"])
def test_words_that_hold_a_negation_are_none(text: str) -> None:
    assert words("negation", text) == []


@pytest.mark.parametrize("word", [*SIDES, *BOTH_SIDES, *SIDE_ABBREVIATIONS])
def test_every_side_is_found(word: str) -> None:
    assert sides(f"Pain: {word}, since Monday") == [(6, 6 + len(word))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("L knee, R hips, (L) and (R)", ["L", "R", "(L)", "(R)"]),
        ("Left-sided weakness, right-sided facial droop", ["Left", "right"]),
        ("the left and the right", ["left", "right"]),
        ("L-sided pleural effusion", ["L"]),
        ("right lower lobe, LEFT upper lobe", ["right", "LEFT"]),
    ],
)
def test_sides_are_found_as_they_are_written(text: str, found: list[str]) -> None:
    assert words("laterality", text) == found


@pytest.mark.parametrize(
    "text",
    [
        "he left the hospital",
        "left against advice",
        "right away",
        "all right",
        "You're right",
        "Dr. Ames, right?",
        "Patient: Right. And you?",
        "the right dose",
        "5 L",
        "L5",
        "bright",
    ],
)
def test_other_senses_are_no_sides(text: str) -> None:
    assert words("laterality", text) == []


@pytest.mark.parametrize(
    "name", ["Amoxicillin", "enalapril", "sertraline-omeprazole", "rivaroxaban", "Metformin"]
)
def test_medicines_are_known_by_their_stems(name: str) -> None:
    assert words("drug", f"Take {name} daily") == [name]


@pytest.mark.parametrize("word", ["fever", "table", "person", "seizure", "vir"])
def test_other_words_are_no_medicines(word: str) -> None:
    assert words("drug", word) == []
