from __future__ import annotations

from dataclasses import replace

import pytest

from stillroom.data.loading import checked
from stillroom.types import Corpus, DataError


def test_a_sound_corpus_passes(small: Corpus) -> None:
    assert checked(small) is small


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_without_items_is_refused(small: Corpus, split: str) -> None:
    with pytest.raises(DataError, match=f"has no {split} items.*To fix: raise the counts in corpus.{split}"):
        checked(replace(small, splits={**small.splits, split: ()}))


def test_repeated_identifiers_are_refused(small: Corpus) -> None:
    rows = small.splits["train"]
    with pytest.raises(DataError, match="repeats 1 identifiers, the first 'x:0'"):
        checked(replace(small, splits={**small.splits, "train": (*rows, rows[0])}))


def test_a_group_in_two_splits_is_refused(small: Corpus) -> None:
    stray = replace(small.splits["train"][0], id="x:stray")
    with pytest.raises(DataError, match="group 'g0' is in train and in test"):
        checked(replace(small, splits={**small.splits, "test": (*small.splits["test"], stray)}))


def test_an_empty_response_is_refused(small: Corpus) -> None:
    rows = [replace(row, response=" ") for row in small.splits["train"]]
    with pytest.raises(DataError, match="has 2 empty responses, the first in 'x:0'"):
        checked(replace(small, splits={**small.splits, "train": tuple(rows)}))
