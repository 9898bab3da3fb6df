"""A recipe, its rows and a machine that every plan here is made of."""

from __future__ import annotations

import pytest

from stillroom.recipes import Recipe, load
from stillroom.recipes.planning.hardware import GIB, Hardware
from stillroom.recipes.planning.workload import Rows


@pytest.fixture
def recipe() -> Recipe:
    return load("quickstart")


@pytest.fixture
def rows() -> Rows:
    """A hundred short rows, a third of each the response."""
    some = tuple((20 + index % 60, 8 + index % 20) for index in range(100))
    return Rows(some, some[:20], some[:30], some[:40], len(some), measured=True)


@pytest.fixture
def machine() -> Hardware:
    return Hardware(
        "example",
        "made",
        memory_bytes=16 * GIB,
        flops={"float32": 1e11},
        bytes_per_second=1e10,
        efficiency=1.0,
    )
