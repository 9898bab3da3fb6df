"""Agreement beyond chance against scikit-learn, and against a slow twin that compares raters pair by pair."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from stillroom.validate.review.agreement import cohen_estimate, fleiss_estimate

CHOICES = np.array(["no", "partly", "yes"])


@pytest.mark.parametrize("seed", range(8))
def test_cohen_is_that_of_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    first = random.integers(3, size=60)
    second = np.where(random.random(60) < 0.6, first, random.integers(3, size=60))
    ours = cohen_estimate(CHOICES[first].tolist(), CHOICES[second].tolist(), repeats=100)
    assert ours.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-12)
    low, high = ours.interval()
    assert low <= ours.value <= high


def slow_fleiss(ratings: list[list[str]]) -> float:
    """Share of agreeing pairs of raters against the share of agreeing pairs of all judgements drawn at random."""
    pairs = [a == b for of_answer in ratings for a, b in combinations(of_answer, 2)]
    every = [rating for of_answer in ratings for rating in of_answer]
    expected = float(np.mean([[a == b for a in every] for b in every]))
    return (float(np.mean(pairs)) - expected) / (1 - expected)


@pytest.mark.parametrize("raters", [2, 3, 5])
def test_fleiss_is_that_of_the_twin(raters: int) -> None:
    random = np.random.default_rng(raters)
    truth = random.integers(3, size=(30, 1))
    votes = np.where(random.random((30, raters)) < 0.7, truth, random.integers(3, size=(30, raters)))
    ratings = CHOICES[votes].tolist()
    assert fleiss_estimate(ratings, repeats=100).value == pytest.approx(slow_fleiss(ratings), abs=1e-12)


def test_fleiss_reproduces_the_published_example() -> None:
    """Fourteen raters, ten subjects, five categories (the table that textbooks print): kappa 0.210."""
    table = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    ratings = [[str(at) for at, count in enumerate(row) for _ in range(count)] for row in table]
    assert fleiss_estimate(ratings, repeats=100).value == pytest.approx(0.210, abs=5e-4)


def test_agreement_on_one_thing_alone_is_not_defined() -> None:
    assert np.isnan(cohen_estimate(["no"] * 9, ["no"] * 9, repeats=100).value)
