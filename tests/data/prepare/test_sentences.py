from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillroom.data.prepare.sentences import sentences


@pytest.mark.parametrize(
    "expected",
    [
        ["He is well.", "She is not."],
        ["Seen by Dr. Smith and Mrs. Jones.", "Stable."],
        ["Signed by J. R. Smith.", "Next day."],
        ["Low vitamin C.", "Then scurvy."],
        ["Gave 2.5 mg. of morphine i.v. at 10.30 a.m. today.", "Pain 3/10."],
        ["K was 3.5.", "Na was 140."],
        ["Better than placebo (p = .04).", "See Fig. 2 and Smith et al. [12]."],
        ["Fever?", "No!", '"Chills."', "(None.)", "[12] Done."],
        ["1. Aspirin 81 mg.", "2. Statin."],
        ["CHIEF COMPLAINT\n", "Chest pain.\n\n", "Plan: rest"],
        ["E. coli grew.", "It was E. coli again."],
    ],
)
def test_where_sentences_end(expected: list[str]) -> None:
    text = " ".join(expected).replace("\n ", "\n")
    assert [piece.rstrip(" ") for piece in sentences(text)] == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text("Aa1. \n!?\"'(["))
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(sentences(text)) == text


def test_time_does_not_grow_with_what_stands_around() -> None:
    for piece in (". ", "A. ", "." * 50, "  ", "\n"):
        text = piece * (2_000_000 // len(piece))
        assert "".join(sentences(text)) == text
