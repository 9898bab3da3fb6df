"""Areas and hits of attacks, against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta
from sklearn.metrics import roc_auc_score, roc_curve

from stillroom.validate import spec
from stillroom.validate.privacy.attack import Attack, curve, measure_attack

RANDOM = np.random.default_rng(0)


def attack(positives: int, negatives: int, shift: float = 1.0, scores: np.ndarray | None = None) -> Attack:
    positive = np.arange(positives + negatives) < positives
    drawn = RANDOM.normal(size=len(positive)) + shift * positive if scores is None else scores
    groups = tuple(str(number) for number in range(len(positive)))
    return Attack("membership", "lira", "student", drawn, positive, groups, "shows", "does not")


def test_the_area_is_scikit_learns() -> None:
    given = attack(80, 120)
    found, _ = measure_attack(given, 100, 0)
    area = found["membership_auc", "lira", "student"]
    assert area.value == pytest.approx(roc_auc_score(given.positive, given.scores))
    low, high = area.interval()
    assert low < area.value < high


@pytest.mark.parametrize(("name", "rate"), [("tpr_at_1_percent", 0.01), ("tpr_at_01_percent", 0.001)])
def test_hits_are_those_of_the_roc_curve_with_an_exact_interval(name: str, rate: float) -> None:
    given = attack(300, 2000, shift=2.0)
    found, facts = measure_attack(given, 100, 0)
    hits = found[f"membership_{name}", "lira", "student"]
    false, true, _ = roc_curve(given.positive, given.scores, drop_intermediate=False)
    assert hits.value == pytest.approx(true[false <= rate].max())
    events = round(hits.value * 300)
    expected = beta.ppf(0.025, events, 301 - events), beta.ppf(0.975, events + 1, 300 - events)
    assert hits.interval() == pytest.approx(expected)
    assert f"membership/lira/student/{name}" not in facts


def test_a_rate_that_so_few_cannot_show_is_not_told_as_a_number() -> None:
    found, facts = measure_attack(attack(500, 99), 100, 0)
    assert ("membership_tpr_at_1_percent", "lira", "student") not in found
    assert facts["membership/lira/student/tpr_at_1_percent"] == (
        "not measurable with n = 99: needs 100 negatives"
    )
    found, facts = measure_attack(attack(500, 100), 100, 0)
    assert ("membership_tpr_at_1_percent", "lira", "student") in found
    assert "needs 1,000" in str(facts["membership/lira/student/tpr_at_01_percent"])


def test_a_score_that_ties_with_the_threshold_is_no_hit() -> None:
    scores = np.r_[
        np.ones(10), np.zeros(98), 1.0, 1.0
    ]  # ten positives, tied with the two highest of 100 others
    found, _ = measure_attack(attack(10, 100, scores=scores), 100, 0)
    assert found["membership_tpr_at_1_percent", "lira", "student"].value == 0.0


def test_items_of_one_patient_count_as_one_in_the_interval() -> None:
    given = attack(50, 100, shift=3.0)
    alone, _ = measure_attack(given, 100, 0)
    shared = Attack(**{**vars(given), "groups": ("one",) * 50 + tuple(map(str, range(100)))})
    together, _ = measure_attack(shared, 100, 0)
    key = ("membership_tpr_at_1_percent", "lira", "student")
    widths = [np.ptp(found[key].interval()) for found in (alone, together)]
    assert widths[1] > 3 * widths[0]


def test_the_curve_runs_from_corner_to_corner() -> None:
    drawn = curve(attack(30, 30))
    assert (drawn.x[0], drawn.y[0], drawn.x[-1], drawn.y[-1]) == (0, 0, 1, 1)


def test_figures_are_described() -> None:
    found, _ = measure_attack(attack(300, 2000), 100, 0)
    assert all(spec(name).description for name, _, _ in found)
