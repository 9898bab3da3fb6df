from __future__ import annotations

import math

from stillroom.data.prepare.relevance import relevance


def test_the_formula() -> None:
    texts = ["Aspirin aspirin heart.", "Heart failure and heart attack.", "Nothing here."]
    words = [3, 5, 2]
    mean = sum(words) / 3
    rarity = {"aspirin": math.log(1 + (3 - 1 + 0.5) / 1.5), "heart": math.log(1 + (3 - 2 + 0.5) / 2.5)}

    def part(word: str, times: int, length: int) -> float:
        return rarity[word] * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / mean))

    expected = [part("aspirin", 2, 3) + part("heart", 1, 3), part("heart", 2, 5), 0.0]
    assert all(math.isclose(x, y) for x, y in zip(relevance("Aspirin, heart?", texts), expected, strict=True))


def test_a_question_without_words_prefers_nothing() -> None:
    assert relevance("?", ["One.", "Two."]) == [0.0, 0.0]
    assert relevance("What?", []) == []
