"""Tests and bounds keep the error that they promise, on data whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, norm

from stillroom.validate.statistics.bootstrap import estimate, ratio, resample
from stillroom.validate.statistics.delong import delong
from stillroom.validate.statistics.exact import clopper_pearson, effective_trials, upper_bound
from stillroom.validate.statistics.mcnemar import mcnemar
from stillroom.validate.statistics.multiple import holm
from stillroom.validate.statistics.newcombe import auroc_interval
from stillroom.validate.statistics.noninferiority import non_inferior

RATES = (0.002, 0.02, 0.1, 0.37, 0.5, 0.9)


@pytest.mark.parametrize("trials", [10, 59, 149])
@pytest.mark.parametrize("rate", RATES)
def test_exact_intervals_cover_at_least_their_level(trials: int, rate: float) -> None:
    """Summed over every outcome, not simulated."""
    events = np.arange(trials + 1)
    likely = binom.pmf(events, trials, rate)
    two_sided = np.array([low <= rate <= high for low, high in (clopper_pearson(x, trials) for x in events)])
    one_sided = np.array([rate <= upper_bound(x, trials) for x in events])
    assert likely[two_sided].sum() >= 0.95
    assert likely[one_sided].sum() >= 0.95


@pytest.mark.parametrize(("rate", "alike"), [(0.1, 0.3), (0.05, 0.6), (0.3, 0.1)])
def test_the_bound_of_clustered_trials_covers(rate: float, alike: float) -> None:
    """Patients with 1 to 8 trials each, whose rates are beta distributed; treated as independent it would not."""
    random = np.random.default_rng(1)
    shape = rate * (1 - alike) / alike, (1 - rate) * (1 - alike) / alike
    covers = naive = 0
    for _ in range(800):
        trials = random.integers(1, 9, size=60)
        events = random.binomial(trials, random.beta(*shape, size=60))
        worth = effective_trials(events.astype(float), trials.astype(float))
        share = events.sum() / trials.sum()
        covers += rate <= upper_bound(share * worth, worth)
        naive += rate <= upper_bound(events.sum(), trials.sum())
    assert covers / 800 >= 0.935
    assert covers > naive


def test_delongs_interval_covers() -> None:
    """Normal scores of both classes, one deviation apart: the true area is Φ(1/√2)."""
    random, truth, covers = np.random.default_rng(2), 0.7602499389065233, 0
    positive = np.arange(120) < 40
    for _ in range(1000):
        low, high = delong([random.normal(size=120) + positive], positive).interval()
        covers += low <= truth <= high
    assert 0.935 <= covers / 1000 <= 0.97


@pytest.mark.parametrize(("positives", "negatives", "apart"), [(20, 80, 1.8), (15, 300, 2.5), (40, 160, 1.0)])
def test_the_interval_of_a_good_area_covers_with_few_cases(
    positives: int, negatives: int, apart: float
) -> None:
    """Where percentiles of a bootstrap cover 90 %, 81 % and 95 %, see docs/evidence.md."""
    random, truth, covers = np.random.default_rng(8), norm.cdf(apart / np.sqrt(2)), 0
    positive = np.arange(positives + negatives) < positives
    for _ in range(500):
        area = float(delong([random.normal(size=len(positive)) + apart * positive], positive).values[0])
        low, high = auroc_interval(area, positives, negatives)
        covers += low <= truth <= high
    assert covers / 500 >= 0.93


def test_delongs_test_of_equal_classifiers_keeps_its_level() -> None:
    random, positive, found = np.random.default_rng(3), np.arange(120) < 40, 0
    for _ in range(1000):
        shared = random.normal(size=120) + positive
        scores = [shared + random.normal(size=120) for _ in range(2)]
        found += delong(scores, positive).difference(0, 1)[3] < 0.05
    assert 0.03 <= found / 1000 <= 0.07


def test_mcnemar_keeps_its_level() -> None:
    """The exact test never exceeds it; the mid-p test comes close to it."""
    random, exact, mid = np.random.default_rng(4), 0, 0
    for _ in range(1500):
        hard = random.random(200) < 0.5
        first, second = (np.where(hard, random.random(200) < 0.6, 1.0) for _ in range(2))
        found = mcnemar(first.astype(float), second.astype(float))
        exact += found.exact < 0.05
        mid += found.mid_p < 0.05
    assert exact / 1500 <= 0.05
    assert exact < mid
    assert 0.035 <= mid / 1500 <= 0.062


def test_holm_keeps_the_chance_of_any_false_finding() -> None:
    """Ten true null hypotheses whose tests share a cause, and one false one that is found all the same."""
    random, false, true = np.random.default_rng(5), 0, 0
    for _ in range(2000):
        z = np.sqrt(0.3) * random.normal() + np.sqrt(0.7) * random.normal(size=11)
        z[0] += 5
        adjusted = holm((2 * norm.sf(abs(z))).tolist())
        true += adjusted[0] < 0.05
        false += bool((adjusted[1:] < 0.05).any())
    assert false / 2000 <= 0.055
    assert true / 2000 > 0.95


def test_a_student_at_the_margin_is_seldom_called_non_inferior() -> None:
    """The truth is a loss of exactly the margin: at most 2.5 % may pass."""
    random, passed = np.random.default_rng(6), 0
    counts = resample(300, 400, seed=0)
    for _ in range(1000):
        columns = np.stack([random.normal(-0.1, 0.5, size=300), np.ones(300)], axis=1)
        passed += non_inferior(estimate(columns, ratio, counts), margin=0.1) == "pass"
    assert 0.012 <= passed / 1000 <= 0.04
