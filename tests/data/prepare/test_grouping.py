"""Groups against the plain union-find of ``data.groups``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prepared import raw
from stillroom.data.groups import components as plain_components
from stillroom.data.prepare.grouping import components, group_keys, groups_of
from stillroom.data.prepare.rows import table

NAMES = st.sampled_from(["", "1", "2", "3", "4", "5", "6", "7"])


def grouped(*rows: dict[str, Any]) -> list[int]:
    keys = group_keys(table({**raw(n), "source": "a", **row} for n, row in enumerate(rows)))
    known, names = components(keys)
    return [int(name) for name in groups_of(keys, known, names)]


@given(st.lists(st.tuples(NAMES, NAMES, NAMES), max_size=12))
@settings(deadline=None, max_examples=200)
def test_they_are_the_connected_components(rows: list[tuple[str, str, str]]) -> None:
    kinds = ("patient", "document", "concept")
    expected = plain_components(
        {
            f"{n:03d}": [f"{kind} {name}" for kind, name in zip(kinds, row, strict=True) if name]
            for n, row in enumerate(rows)
        }
    )
    found = grouped(*(dict(zip(kinds, row, strict=True)) for row in rows))
    together = {
        (a, b) for a in range(len(rows)) for b in range(a) if expected[f"{a:03d}"] == expected[f"{b:03d}"]
    }
    assert {(a, b) for a in range(len(rows)) for b in range(a) if found[a] == found[b]} == together


def test_a_long_chain_is_one_group() -> None:
    n = 5000
    order = np.random.default_rng(0).permutation(n).astype(np.uint64) + np.uint64(1)
    keys = np.stack([order[:-1], order[1:], np.zeros(n - 1, np.uint64)], 1)
    _, names = components(keys)
    assert set(names.tolist()) == {1}


@pytest.mark.parametrize(("kind", "apart"), [("patient", True), ("document", True), ("concept", False)])
def test_patients_and_documents_are_those_of_their_source(kind: str, apart: bool) -> None:
    one, other = grouped({kind: "7", "source": "a"}, {kind: "7", "source": "b"})
    assert (one != other) == apart


def test_rows_that_share_nothing_stand_alone() -> None:
    assert len(set(grouped({}, {}, {}))) == 3


def test_no_rows_have_no_groups() -> None:
    assert grouped() == []
