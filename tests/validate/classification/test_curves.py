"""Curves agree with the figures beside them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from stillroom.validate.classification.cases import cases
from stillroom.validate.classification.curves import curves_of, net_benefit

from .conftest import Made


def test_net_benefit_counts_false_alarms_at_the_odds_of_the_threshold(binary: Made) -> None:
    scores, positive = binary.predictions["student"], binary.labels == 1
    for threshold in (0.05, 0.2, 0.7):
        called = scores >= threshold
        hits, false = (called & positive).sum(), (called & ~positive).sum()
        expected = hits / len(scores) - false / len(scores) * threshold / (1 - threshold)
        assert net_benefit(scores, positive, np.array([threshold]))[0] == pytest.approx(expected)


def test_the_roc_curve_encloses_the_area(binary: Made) -> None:
    given = cases(binary.predictions, binary.labels, binary.settings)
    curves = {curve.name: curve for curve in curves_of(given, "student", binary.settings)}
    area = np.trapezoid(curves["roc"].y, curves["roc"].x)
    assert area == pytest.approx(roc_auc_score(binary.labels, binary.predictions["student"]), abs=0.005)
    always = curves["net_benefit_of_alarming_always"]
    assert always.y[0] == pytest.approx(net_benefit(np.ones(300), binary.labels == 1, np.array([0.01]))[0])


def test_many_labels_draw_nothing(multilabel: Made) -> None:
    given = cases(multilabel.predictions, multilabel.labels, multilabel.settings)
    assert list(curves_of(given, "student", multilabel.settings)) == []
