"""Texts: what meets in a band is what a comparison of all with all finds."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from stillroom.data.prepare.likeness.bands import Bands, choose_bands
from stillroom.data.prepare.likeness.jaccard import jaccard
from stillroom.data.prepare.likeness.parts import numbered
from stillroom.data.prepare.likeness.texts import Texts, short_below, texts_of

THRESHOLD = 0.8


def texts(words: list[list[str]], bands: Bands = Bands(1, 1)) -> Texts:  # noqa: B008
    return texts_of(words, numbered(words), np.ones(len(words), bool), THRESHOLD, bands)


def family(generator: random.Random, length: int, size: int) -> list[list[str]]:
    vocabulary = [f"w{n}x" for n in range(3000)]
    first = generator.choices(vocabulary, k=length)
    made = [first]
    for _ in range(size - 1):
        made.append(list(made[0]))
        for _ in range(generator.randrange(1 + length // 25)):
            made[-1][generator.randrange(length)] = generator.choice(vocabulary)
    return made


def shingles(words: list[str], by_letters: bool) -> set[str | tuple[str, ...]]:
    run: str | list[str] = " ".join(words) if by_letters else words
    parts = (run[at : at + 5] for at in range(max(len(run) - 4, 1)))
    return {part if isinstance(part, str) else tuple(part) for part in parts}


def test_bands_miss_no_more_near_pairs_than_their_formula_says() -> None:
    generator = random.Random(4)
    words = [each for length in (20, 45, 60, 200) * 8 for each in family(generator, length, 6)]
    bands = choose_bands(128, THRESHOLD)
    made = texts(words, bands)
    near = met = 0
    expected = 0.0
    for one, other in combinations(range(len(made.rows)), 2):
        letters = bool(made.by_letters[one])
        if made.by_letters[other] != letters or made.rows[one] == made.rows[other]:
            continue
        sets = [shingles(words[made.rows[at]], letters) for at in (one, other)]
        similarity = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
        estimate = jaccard(made.sets, np.array([one]), made.sets, np.array([other]))[0]
        assert estimate == similarity
        if similarity >= THRESHOLD:
            near += 1
            met += bool((made.keys[one] == made.keys[other]).any())
            expected += bands.meeting(similarity)
    assert near > 200
    assert met >= min(expected, near) - 3


@pytest.mark.parametrize(("threshold", "words"), [(0.5, 19), (0.8, 49), (0.9, 99)])
def test_one_word_in_anothers_place_is_near_from_the_border_on(threshold: float, words: int) -> None:
    assert short_below(threshold) == words
    for length, near in ((words, True), (words - 1, False)):
        one = [str(n) for n in range(length)]
        other = [*one[: length // 2], "x", *one[length // 2 + 1 :]]
        sets = [shingles(each, by_letters=False) for each in (one, other)]
        assert (len(sets[0] & sets[1]) / len(sets[0] | sets[1]) >= threshold) is near


def test_rows_near_the_border_stand_among_the_texts_twice_and_empty_ones_never() -> None:
    made = texts([["word"] * length for length in (0, 1, 48, 49, 61, 62)])
    assert made.rows[~made.by_letters].tolist() == [3, 4, 5]
    assert made.rows[made.by_letters].tolist() == [1, 2, 3, 4]


def test_words_and_letters_never_share_a_key() -> None:
    made = texts([["word"] * 55], Bands(4, 1))
    assert len(made.rows) == 2
    assert not np.isin(made.keys[0], made.keys[1]).any()
