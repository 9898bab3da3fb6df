from __future__ import annotations

from collections import Counter

import pytest

from stillroom.data.hashing import choose, digest, shuffled, unit


def test_a_digest_is_the_same_in_every_process_and_version() -> None:
    assert digest("split", "HP:0001250") == 8482227422546858078


def test_parts_are_kept_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")


def test_units_are_spread_evenly() -> None:
    tenths = Counter(int(10 * unit("key", number)) for number in range(10_000))
    assert set(tenths) == set(range(10))
    assert all(count == pytest.approx(1000, abs=150) for count in tenths.values())


def test_every_option_is_chosen_and_every_order_drawn() -> None:
    assert {choose("abc", number) for number in range(50)} == set("abc")
    assert len({tuple(shuffled("abc", number)) for number in range(200)}) == 6
