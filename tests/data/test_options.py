from __future__ import annotations

from collections import Counter

import pytest

from stillroom.data.options import with_distractors

NEAR = [f"renal {'x' * length}" for length in range(1, 40)]
ANSWER = "renal cyst of the left kidney"


def test_the_answers_rank_by_length_is_drawn_evenly() -> None:
    made = [with_distractors(ANSWER, [NEAR], "", number) for number in range(2000)]
    ranks = Counter(sum(len(option) > len(ANSWER) for option in options) for options in made)
    assert set(ranks) == {0, 1, 2, 3}
    assert all(count == pytest.approx(500, abs=80) for count in ranks.values())


def test_the_answers_position_is_drawn_evenly() -> None:
    positions = Counter(with_distractors(ANSWER, [NEAR], "", number).index(ANSWER) for number in range(2000))
    assert all(positions[place] == pytest.approx(500, abs=80) for place in range(4))


def test_options_are_distinct_in_meaning_and_never_of_the_answers_length() -> None:
    twins = ["Kidneys cyst, left renal of the", "renal cysts of left kidney", *NEAR]
    options = with_distractors(ANSWER, [twins], "", "key")
    assert ANSWER in options
    assert not set(twins[:2]) & set(options)
    assert all(len(option) != len(ANSWER) for option in options if option != ANSWER)


def test_near_tiers_come_first() -> None:
    far = [text.replace("renal", "liver") for text in NEAR]
    options = with_distractors(ANSWER, [NEAR, far], "", "key")
    assert all(option.startswith("renal") for option in options)


def test_at_least_two_wrong_options_echo_the_question_as_much_as_the_answer() -> None:
    for number in range(50):
        options = with_distractors(ANSWER, [[f"{text} kidney" for text in NEAR], NEAR], "the kidneys", number)
        assert sum("kidney" in option for option in options) >= 3


@pytest.mark.parametrize(
    ("answer", "candidates", "asked"),
    [
        ("renal cyst", NEAR[:2], ""),
        ("renal xxxxxxxxxx", [text for text in NEAR if len(text) > 16], ""),
        (ANSWER, NEAR, "left kidney"),
    ],
    ids=["too few", "none shorter: the answer would be the shortest", "the answer alone echoes the question"],
)
def test_no_options_are_better_than_unfair_ones(answer: str, candidates: list[str], asked: str) -> None:
    assert with_distractors(answer, [candidates], asked, "key") == ()
