from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stillroom.models.bedside.settings import TreesSettings
from stillroom.models.bedside.trees import Trees
from stillroom.types import ModelError
from stillroom.types.cases import Head

SETTINGS = TreesSettings(kind="trees", rounds=20, learning_rate=0.2, leaves=4, least_cases=5)
FEATURES = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
LABELS = (FEATURES[:, :2] > 0).astype(np.float32)
TWO = Head("labels", ("first", "second"))


def test_every_label_has_trees_of_its_own(tmp_path: Path) -> None:
    trees = Trees.fit(SETTINGS, FEATURES, LABELS, TWO, seed=1)
    odds = trees.logits(FEATURES)
    assert odds.shape == (200, 2)
    assert ((odds > 0) == (LABELS == 1)).mean() > 0.95
    trees.save(tmp_path / "trees.txt")
    assert {path.name for path in tmp_path.iterdir()} == {"trees.0.txt", "trees.1.txt"}
    np.testing.assert_array_equal(Trees.load(tmp_path / "trees.txt", TWO).logits(FEATURES), odds)


def test_a_label_that_is_not_known_is_left_out_of_its_trees_alone() -> None:
    known = LABELS.copy()
    known[:100, 1] = np.nan
    some, whole = (Trees.fit(SETTINGS, FEATURES, of, TWO, seed=1).logits(FEATURES) for of in (known, LABELS))
    np.testing.assert_array_equal(some[:, 0], whole[:, 0])
    assert not np.array_equal(some[:, 1], whole[:, 1])


def test_values_are_told_in_their_own_unit() -> None:
    days = 10 + 3 * FEATURES[:, :1]
    found = Trees.fit(SETTINGS, FEATURES, days, Head("values", ("days",)), seed=1).logits(FEATURES)
    assert np.abs(found - days).mean() < 1.0


def test_one_answer_for_each_position_is_refused() -> None:
    with pytest.raises(ModelError, match="trees for classes of shape"):
        Trees.fit(SETTINGS, FEATURES, np.zeros((200, 4), np.int64), Head("classes", ("a", "b")), seed=1)
