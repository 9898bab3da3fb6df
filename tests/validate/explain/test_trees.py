"""Shapley values of trees: exact, and equal to their definition."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from pathlib import Path

import numpy as np
import pytest

from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import TreesSettings
from stillroom.models.bedside.trees import Trees
from stillroom.types import ModelError
from stillroom.types.cases import Head
from stillroom.validate.explain.trees import TreesExplainer

SETTINGS = TreesSettings(kind="trees", rounds=8, learning_rate=0.3, leaves=4, least_cases=5)


def fitted(classes: int) -> tuple[TreesExplainer, Trees, np.ndarray]:
    random = np.random.default_rng(5)
    features = random.normal(size=(200, 3)).astype(np.float32)
    targets = (features[:, 0] + (features[:, 1] > 0) > 0.3).astype(np.int64)
    if classes == 3:
        targets += (features[:, 2] > 1).astype(np.int64)
    head = Head("classes", tuple("abc"[:classes]))
    trees = Trees.fit(SETTINGS, features, targets, head, seed=0)
    form = Form({"static": (3,)}, head, {"static": ("age", "cp=1", "cp=2")})
    return TreesExplainer(trees, form, features[:30], features), trees, features


@pytest.mark.parametrize("classes", [2, 3])
def test_they_add_up_to_the_score_exactly(classes: int) -> None:
    explainer, _, _ = fitted(classes)
    found = explainer.attributed(np.full(30, classes - 1))
    assert explainer.units == ("age", "cp")
    assert found.change is not None
    np.testing.assert_allclose(found.values.sum(1), found.change, atol=1e-9)


def test_they_are_the_shapley_values_of_the_tree_game() -> None:
    _, trees, features = fitted(2)
    model = trees.booster.dump_model()["tree_info"]

    def expected(node: dict, known: frozenset[int], case: np.ndarray) -> float:
        """Mean answer of a tree where only some features are known: by the cases of each branch."""
        if "leaf_value" in node:
            return float(node["leaf_value"])
        sides = node["left_child"], node["right_child"]
        if node["split_feature"] in known:
            left = case[node["split_feature"]] <= node["threshold"]
            return expected(sides[0] if left else sides[1], known, case)
        sizes = [side.get("internal_count", side.get("leaf_count")) for side in sides]
        told = [expected(side, known, case) for side in sides]
        return (sizes[0] * told[0] + sizes[1] * told[1]) / sum(sizes)

    def value(known: frozenset[int], case: np.ndarray) -> float:
        return sum(expected(tree["tree_structure"], known, case) for tree in model)

    for case in features[:3].astype(np.float64):
        for feature in range(3):
            others = [other for other in range(3) if other != feature]
            shapley = sum(
                factorial(size)
                * factorial(2 - size)
                / 6
                * (value(frozenset((*chosen, feature)), case) - value(frozenset(chosen), case))
                for size in range(3)
                for chosen in combinations(others, size)
            )
            found = trees.contributions(case[None].astype(np.float32))[0, 1, feature]
            assert 2 * found == pytest.approx(shapley, abs=1e-6)


def test_scores_are_the_trees_own_where_everything_is_kept() -> None:
    explainer, trees, features = fitted(3)
    outputs = np.arange(30) % 3
    everything = np.ones((30, 2), dtype=bool)
    expected = np.exp(trees.logits(features[:30]))[np.arange(30), outputs]
    np.testing.assert_allclose(explainer.scores(outputs, everything), expected)
    nothing = explainer.scores(np.zeros(30, dtype=np.int64), ~everything)
    assert np.ptp(nothing) == 0


def test_saved_trees_are_read_back(tmp_path: Path) -> None:
    _, trees, features = fitted(2)
    trees.save(tmp_path / "0.txt")
    again = Trees.load(tmp_path / "0.txt", trees.head)
    np.testing.assert_array_equal(again.logits(features), trees.logits(features))
    with pytest.raises(ModelError, match="holds no trees"):
        Trees.load(tmp_path / "none.txt", trees.head)
