from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from seqeval.metrics.sequence_labeling import get_entities

from stillroom.types.iob import decode, entities_of, follows, tags_of

TAGS = tags_of(["Chemical", "Disease"])


def legal(tags: tuple[str, ...]) -> bool:
    return all(follows(tag, before) for before, tag in zip(("O", *tags), tags, strict=False))


@pytest.mark.parametrize("seed", range(8))
def test_decoding_finds_the_likeliest_of_all_legal_taggings(seed: int) -> None:
    said = np.random.default_rng(seed).dirichlet(np.ones(len(TAGS)), size=4)
    ways = [tags for tags in product(TAGS, repeat=4) if legal(tags)]
    best = max(
        ways, key=lambda tags: sum(np.log(row[TAGS.index(tag)]) for row, tag in zip(said, tags, strict=True))
    )
    assert tuple(decode(said, TAGS)) == best


def test_a_sentence_without_words_has_no_tags() -> None:
    assert decode(np.zeros((0, len(TAGS))), TAGS) == []


def test_certain_probabilities_do_not_break_decoding() -> None:
    assert decode(np.eye(len(TAGS))[[1, 2, 0]], TAGS) == ["B-Chemical", "I-Chemical", "O"]


def test_entities_are_those_of_seqeval() -> None:
    tags = ["B-Disease", "I-Disease", "B-Disease", "O", "B-Chemical", "I-Chemical"]
    theirs = [(kind, first, last + 1) for kind, first, last in get_entities(tags)]
    assert list(entities_of(tags)) == theirs


def test_an_entity_goes_on_only_from_its_type() -> None:
    assert follows("I-Disease", "B-Disease")
    assert not follows("I-Disease", "B-Chemical")
    assert not follows("I-Disease", "O")
