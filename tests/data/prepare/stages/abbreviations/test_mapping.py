from __future__ import annotations

import math

from stillroom.data.prepare.stages.abbreviations.mapping import Sense, built_in, choose_sense

HEART = Sense("heart", 3, {"beat": 8, "rate": 2})
LUNG = Sense("lung", 1, {"breath": 9, "rate": 1})


def test_the_odds_are_those_of_the_formula() -> None:
    heart = 3 * (8 + 0.1) / (10 + 0.3) * (2 + 0.1) / (10 + 0.3)
    lung = 1 * (0 + 0.1) / (10 + 0.3) * (1 + 0.1) / (10 + 0.3)
    odds = heart / lung
    assert choose_sense((HEART, LUNG), ["beat", "rate", "unseen"], math.nextafter(odds, 0) * 0.999) is HEART
    assert choose_sense((HEART, LUNG), ["beat", "rate", "unseen"], odds * 1.001) is None


def test_without_a_word_that_is_known_nothing_is_decided() -> None:
    assert choose_sense((HEART, LUNG), ["unseen"], 1.1) is None


def test_no_built_in_expansion_holds_an_abbreviation() -> None:
    words = {word for (sense,) in built_in().values() for word in sense.expansion.split()}
    assert not words & built_in().keys()
