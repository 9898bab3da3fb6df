"""Parts of the split, means over classes, and what is kept of whom."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.comparison import compared, mean_of, subgroup_parts, to_metric
from stillroom.validate.statistics.bootstrap import Estimate


def estimate(value: float, draws: list[float], **options: object) -> Estimate:
    return Estimate(value, np.array(draws), 9, **options)


def test_parts_are_named_by_key_and_value() -> None:
    parts = subgroup_parts({"sex": ["f", "m"], "site": [1, 1]}, 2)
    assert {name: inside.tolist() for name, inside in parts.items()} == {
        "": [True, True],
        "sex:f": [True, False],
        "sex:m": [False, True],
        "site:1": [True, True],
    }


def test_a_mean_skips_what_a_draw_does_not_define() -> None:
    found = mean_of([estimate(0.5, [0.4, np.nan, np.nan]), estimate(0.7, [0.6, 0.8, np.nan])])
    assert found.value == pytest.approx(0.6)
    assert found.draws == pytest.approx([0.5, 0.8, np.nan], nan_ok=True)


def test_a_perfect_mean_is_no_surer_than_its_least_sure_part() -> None:
    parts = [estimate(1.0, [1.0] * 9, is_rate=True, trials=trials) for trials in (20.0, 7.0)]
    assert mean_of(parts).interval() == pytest.approx((0.025 ** (1 / 7), 1.0))


def test_every_comparison_that_the_subjects_allow_is_made() -> None:
    found = {
        ("auroc", "", "teacher"): estimate(0.9, [0.89, 0.91]),
        ("auroc", "", "control"): estimate(0.8, [0.79, 0.80]),
        ("auroc", "", "student"): estimate(0.85, [0.84, 0.86]),
        ("confidence", "", "teacher"): estimate(0.9, [0.9, 0.9]),
        ("confidence", "", "student"): estimate(0.95, [0.95, 0.95]),
    }
    assert {name: round(of.value, 3) for (name, _, _), of in compared(found).items()} == {
        "auroc_minus_control": 0.05,
        "auroc_minus_teacher": -0.05,
        "retention_auroc": round(0.85 / 0.9, 3),
        "control_gap_closed_auroc": 0.5,
        "confidence_minus_teacher": 0.05,
    }


def test_a_metric_keeps_the_trials_of_its_rate() -> None:
    metric = to_metric(("fnr", "sex:f", "bundle"), estimate(0.0, [0.0], is_rate=True, trials=149.0), "test")
    assert (metric.name, metric.subject, metric.trials) == ("fnr/sex:f", "bundle", 149.0)
    assert metric.ci_high == pytest.approx(1 - 0.025 ** (1 / 149))
