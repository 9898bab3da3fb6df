"""Each rule ends at the threshold that a search over all of them finds."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError
from sklearn.metrics import f1_score

from stillroom.types import DataError
from stillroom.validate.classification.settings import ThresholdSettings
from stillroom.validate.classification.thresholds import choose_threshold, choose_thresholds
from stillroom.validate.statistics.bootstrap import Array
from stillroom.validate.statistics.exact import upper_bound

from .conftest import Made, made


@pytest.fixture(scope="module", params=[2, 8], ids=["scores differ", "scores tie"])
def cases(request: pytest.FixtureRequest) -> tuple[Array, Array]:
    random = np.random.default_rng(3)
    positive = random.random(400) < 0.4
    scores = 1 / (1 + np.exp(-(2 * positive - 1 + random.normal(size=400))))
    return np.round(scores, 1) if request.param == 8 else scores, positive


def rates(cases: tuple[Array, Array], threshold: float) -> tuple[float, float]:
    scores, positive = cases
    called = scores >= threshold
    return called[positive].mean(), 1 - called[~positive].mean()


def grid(cases: tuple[Array, Array]) -> list[tuple[float, float]]:
    return [rates(cases, threshold) for threshold in [*np.unique(cases[0]), 1.1]]


def chosen(cases: tuple[Array, Array], rule: str, value: float | None) -> tuple[float, float]:
    return rates(cases, choose_threshold(*cases, ThresholdSettings(rule=rule, value=value)))


def test_f1(cases: tuple[Array, Array]) -> None:
    scores, positive = cases
    best = max(f1_score(positive, scores >= threshold) for threshold in np.unique(scores))
    threshold = choose_threshold(*cases, ThresholdSettings(rule="f1", value=None))
    assert f1_score(positive, scores >= threshold) == pytest.approx(best)


def test_youden(cases: tuple[Array, Array]) -> None:
    assert sum(chosen(cases, "youden", None)) == pytest.approx(max(map(sum, grid(cases))))


@pytest.mark.parametrize("wanted", [0.5, 0.9, 1.0])
def test_sensitivity(cases: tuple[Array, Array], wanted: float) -> None:
    sensitivity, specificity = chosen(cases, "sensitivity", wanted)
    assert sensitivity >= wanted
    assert specificity == pytest.approx(max(spec for sens, spec in grid(cases) if sens >= wanted))


@pytest.mark.parametrize("wanted", [0.5, 0.9, 1.0])
def test_specificity(cases: tuple[Array, Array], wanted: float) -> None:
    sensitivity, specificity = chosen(cases, "specificity", wanted)
    assert specificity >= wanted
    assert sensitivity == pytest.approx(max(sens for sens, spec in grid(cases) if spec >= wanted))


@pytest.mark.parametrize("ratio", [1.0, 10.0])
def test_cost(cases: tuple[Array, Array], ratio: float) -> None:
    positives, negatives = cases[1].sum(), (~cases[1]).sum()

    def cost(rates: tuple[float, float]) -> float:
        return ratio * (1 - rates[0]) * positives + (1 - rates[1]) * negatives

    assert cost(chosen(cases, "cost", ratio)) == pytest.approx(min(map(cost, grid(cases))))


def test_misses_are_bounded_exactly(cases: tuple[Array, Array]) -> None:
    positives = int(cases[1].sum())

    def shown(sensitivity: float) -> bool:
        return upper_bound(round((1 - sensitivity) * positives), positives) <= 0.1

    sensitivity, specificity = chosen(cases, "misses", 0.1)
    assert shown(sensitivity)
    assert specificity == pytest.approx(max(spec for sens, spec in grid(cases) if shown(sens)))


def test_too_few_positives_cannot_show_few_misses() -> None:
    positive = np.arange(200) < 148
    with pytest.raises(DataError, match="148 validation items of stroke; expected at least 149"):
        choose_threshold(
            positive.astype(float), positive, ThresholdSettings(rule="misses", value=0.02), "stroke"
        )


def test_a_threshold_lies_between_two_scores() -> None:
    scores, positive = np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False])
    assert choose_threshold(scores, positive, ThresholdSettings(rule="youden", value=None)) == 0.5


def test_each_label_has_its_own(multilabel: Made) -> None:
    settings = multilabel.settings.model_copy(
        update={"threshold": ThresholdSettings(rule="youden", value=None)}
    )
    found = choose_thresholds(multilabel.predictions, multilabel.labels, settings)
    for at, limit in enumerate(found["student"]):
        column = multilabel.predictions["student"][:, at], multilabel.labels[:, at].astype(bool)
        assert limit == choose_threshold(*column, settings.threshold)


def test_the_likeliest_of_several_classes_needs_none(multiclass: Made) -> None:
    assert choose_thresholds(multiclass.predictions, multiclass.labels, multiclass.settings) == {}
    critical = made(4, critical=("c3",))
    assert choose_thresholds(critical.predictions, critical.labels, critical.settings)[
        "student"
    ].tolist() == [0.5]


def test_one_class_alone_chooses_nothing() -> None:
    with pytest.raises(DataError, match="0 of 3 validation items are ill"):
        choose_threshold(np.ones(3), np.zeros(3, bool), ThresholdSettings(rule="youden", value=None), "ill")


@pytest.mark.parametrize(
    ("rule", "value"), [("youden", 0.5), ("f1", 0.5), ("cost", None), ("sensitivity", 1.5)]
)
def test_a_value_must_fit_its_rule(rule: str, value: float | None) -> None:
    with pytest.raises(ValidationError):
        ThresholdSettings(rule=rule, value=value)
