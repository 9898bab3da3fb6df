"""The recipe that is swept."""

from __future__ import annotations

import pytest

from stillroom.recipes import Recipe


@pytest.fixture
def recipe(small_recipe: Recipe) -> Recipe:
    return small_recipe
