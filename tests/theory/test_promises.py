"""Sets hold the truth, and deferral the risk, as often as was promised, on data whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import GateError
from stillroom.validate.calibration.conformal import fit_conformal
from stillroom.validate.calibration.selective import deferral_threshold
from stillroom.validate.statistics.bootstrap import Array


def cases(random: np.random.Generator, items: int, classes: int = 3) -> tuple[Array, Array]:
    """A model that is too sure: its probabilities are sharper than the truth."""
    true = random.dirichlet(np.full(classes, 0.7), size=items) * [1.6, 1.0, 0.4]
    true /= true.sum(axis=1, keepdims=True)
    drawn = (true.cumsum(axis=1) > random.random((items, 1))).argmax(axis=1)
    sharp = true**2.5
    return sharp / sharp.sum(axis=1, keepdims=True), np.eye(classes, dtype=bool)[drawn]


@pytest.mark.parametrize("score", ["threshold", "adaptive"])
@pytest.mark.parametrize("by_class", [False, True])
def test_sets_cover_what_they_promise_on_average_over_samples(score: str, by_class: bool) -> None:
    random, held, of_class = np.random.default_rng(1), [], []
    for _ in range(300):
        (ours, truth), (fresh, true) = cases(random, 150), cases(random, 150)
        sets = fit_conformal(ours, truth, 0.2, score=score, by_class=by_class).sets(fresh)
        held.append((sets & true).any(axis=1).mean())
        of_class.append([sets[true[:, at], at].mean() for at in range(3)])
    assert np.mean(held) >= 0.795
    assert np.mean(held) <= 0.86
    worst = np.mean(of_class, axis=0).min()
    assert worst >= 0.795 if by_class else worst < 0.75


def test_the_risk_of_decided_cases_seldom_exceeds_what_was_accepted() -> None:
    """In at most 5 % of samples; a choice by the observed risk alone would exceed it in about half."""
    random, exceeded, naive, found = np.random.default_rng(2), 0, 0, 0

    def draw(items: int) -> tuple[Array, Array, Array]:
        confidence = random.random(items)
        risk = 0.3 * (1 - confidence) ** 1.5
        return confidence, (random.random(items) < risk).astype(float), risk

    fresh, _, true_risk = draw(200_000)
    for _ in range(400):
        confidence, wrong, _ = draw(400)
        try:
            limit = deferral_threshold(confidence, wrong, 0.08)
        except GateError:
            continue
        found += 1
        exceeded += true_risk[fresh >= limit].mean() > 0.08
        order = np.argsort(-confidence)
        running = np.cumsum(wrong[order]) / np.arange(1, 401)
        naive += true_risk[fresh >= confidence[order[np.flatnonzero(running <= 0.08)[-1]]]].mean() > 0.08
    assert found > 250
    assert exceeded / 400 <= 0.05
    assert naive / 400 > 0.3
