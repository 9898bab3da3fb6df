from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillroom.data.prepare.sections import HEADERS, pieces, sections


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("HPI: cough", "history of present illness"),
        ("Past Medical History:", "past medical history"),
        ("PAST MEDICAL HISTORY", "past medical history"),
        ("1. Allergies: none", "allergies"),
        ("**Review of Systems:** fine", "review of systems"),
        ("## Plan", "plan"),
        ("A/P: rest", "assessment and plan"),
        ("S: tired", "subjective"),
        ("FAM/SOCHX: smokes", "social history"),
        ("EDCOURSE:", "emergency department course"),
        ("Major Surgical or Invasive Procedure:", "procedures"),
        ("WIDGET COUNT: 2", "widget count"),
    ],
)
def test_headers(line: str, name: str) -> None:
    found = sections(f"Before.\n{line}\nBehind.")
    assert [one.name for one in found] == ["", name]


@pytest.mark.parametrize(
    "line",
    [
        "Doctor: How are you?",
        "The plan: rest",
        "He said: no",
        "A",
        "Time 10:30",
        "BP: 120/80",
        "We discussed the plan.",
        "OK: x",
    ],
)
def test_what_opens_no_section(line: str) -> None:
    assert [one.name for one in sections(f"Before.\n{line}\nBehind.")] == [""]


NOTES = st.lists(
    st.sampled_from(
        ["HPI:\n", "Plan: ", "PMH:", "One sentence. ", "Two of them! Yes. ", "\n", "x" * 30, "S:", " "]
    ),
    max_size=30,
).map("".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NOTES)
def test_nothing_is_lost(text: str) -> None:
    assert "".join(one.text for one in sections(text)) == text
    assert "".join(one.text for one in pieces(text, 60, 20)) == text


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NOTES)
def test_a_part_is_not_cut_again(text: str) -> None:
    for part in pieces(text, 200, 20):
        assert len(pieces(part.text.strip(), 200, 20)) <= 1


def test_long_sections_are_cut_between_sentences() -> None:
    text = "HPI:\n" + "It hurt a lot that day. " * 40
    parts = pieces(text, 200, 20)
    assert all(len(part.text) <= 200 and part.name == "history of present illness" for part in parts)
    assert all(part.text.rstrip().endswith(".") for part in parts)


def test_every_header_opens_its_own_section() -> None:
    for name, forms in HEADERS.items():
        for form in re.sub(r"\(\?:[^)]*\)", "#", forms).split("|"):
            if form.isalpha():
                assert [one.name for one in sections(f"{form.upper()}: x")] == [name]
