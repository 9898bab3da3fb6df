"""A set of digests is a set."""

from __future__ import annotations

import random

import numpy as np
import pytest

from stillroom.data import digests
from stillroom.data.digests import DigestSet
from stillroom.data.hashing import digest


@pytest.mark.parametrize("few", [1, 7, 4096])
def test_it_tells_what_came_before_as_a_set_does(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "_FEW", few)
    texts = [str(random.Random(0).randrange(400)) for _ in range(2)] + [str(n * n % 397) for n in range(1500)]
    compact, plain = DigestSet(), set[str]()
    for text in texts:
        assert compact.add(text) == (text not in plain)
        plain.add(text)
    assert len(compact) == len(plain)
    assert compact.values().tolist() == sorted(digest(text) for text in plain)
    assert compact.values().dtype == np.uint64
