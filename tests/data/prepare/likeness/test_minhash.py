"""MinHash: agreement of signatures is Jaccard similarity, and bands meet as often as they should."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.data.prepare.likeness import shingles
from stillroom.data.prepare.likeness.bands import Bands
from stillroom.data.prepare.likeness.minhash import band_keys, signatures
from stillroom.data.prepare.likeness.ragged import Ragged


def pairs(common: int, apart: int, count: int) -> tuple[Ragged, Ragged]:
    """Lists whose sets of runs share a known part: what differs stands behind what is common."""
    generator = np.random.default_rng(5)
    shared = generator.integers(0, 2**60, (count, common)).astype(np.uint64)
    ones, others = (
        np.hstack([shared, generator.integers(0, 2**60, (count, apart)).astype(np.uint64)]) for _ in range(2)
    )
    return Ragged.of(list(ones), np.uint64), Ragged.of(list(others), np.uint64)


@pytest.mark.parametrize(("common", "apart"), [(24, 20), (44, 10), (104, 2)])
def test_signatures_agree_as_often_as_the_sets_are_alike(common: int, apart: int) -> None:
    one, other = (signatures(lists, 64) for lists in pairs(common, apart, 400))
    similarity = (common - 4) / (common - 4 + 2 * apart)
    deviation = np.sqrt(similarity * (1 - similarity) / 400)  # places of one signature are not independent
    assert abs((one == other).mean() - similarity) < 3 * deviation
    assert abs((one == other).mean(axis=0) - similarity).max() < 5 * deviation


def test_bands_meet_as_often_as_the_formula_says() -> None:
    bands, (ones, others) = Bands(6, 4), pairs(44, 10, 1000)
    one, other = (band_keys(signatures(lists, 24), bands, "any") for lists in (ones, others))
    expected = bands.meeting(40 / 60)
    met = (one == other).any(axis=1).mean()
    assert abs(met - expected) < 4 * np.sqrt(expected * (1 - expected) / 1000)


def test_keys_of_another_salt_never_meet() -> None:
    lists = pairs(20, 1, 50)[0]
    one, other = (band_keys(signatures(lists, 8), Bands(4, 2), salt) for salt in ("words", "letters"))
    assert not np.isin(one, other).any()


def test_signatures_do_not_depend_on_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    lists = Ragged.of([np.arange(length, dtype=np.uint64) for length in (0, 3, 100, 7)], np.uint64)
    whole = signatures(lists, 16)
    monkeypatch.setattr(shingles, "_BLOCK", 9)
    assert (signatures(lists, 16) == whole).all()
    assert (whole[0] == 2**32 - 1).all()


def test_signatures_are_the_same_in_every_process_and_on_every_machine() -> None:
    lists = Ragged.of([np.arange(9, dtype=np.uint64)], np.uint64)
    keys = band_keys(signatures(lists, 8), Bands(2, 4), "words")
    assert keys.tolist() == [[2897206974040894299, 3815542442431181171]]
