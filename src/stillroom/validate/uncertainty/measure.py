"""Sets, deferral and the risk–coverage curve: fitted on validation data, measured on the test split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Curve, DataError, Evidence, GateError, Split, Subject
from stillroom.validate.calibration.conformal import fit_conformal, require_exchangeable
from stillroom.validate.calibration.selective import Selective, deferral_threshold
from stillroom.validate.classification.cases import Cases, cases, require_groups
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.comparison import compared, estimate_parts, to_metric
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Measure, Summed, Weighed
from stillroom.validate.uncertainty.settings import UncertaintySettings

Facts = dict[str, str | int | float]


def measure_uncertainty(
    predictions: Mapping[Subject, Any],
    labels: Any,
    groups: Sequence[str],
    validation: tuple[Mapping[Subject, Any], Any],
    settings: ClassificationSettings,
    uncertainty: UncertaintySettings,
    *,
    split: Split = "test",
) -> Evidence:
    """Measure what was promised on validation data.

    Args:
        predictions: of each subject on the test split, as of ``measure_classification``.
        labels: class numbers of the test split.
        groups: patient of each test item.
        validation: predictions of the same subjects on the validation split, and its labels.
        settings: the classes, repeats and seed.
        uncertainty: the promises.
        split: the test split's name.

    Returns:
        ``aurc``; where a deferral threshold was found, ``selective_risk`` and ``deferral_rate``; where test and
        validation cases look alike, ``conformal_coverage`` (also by class) and ``conformal_set_size``. Facts hold
        thresholds, limits, and the reason where something was refused.

    Raises:
        DataError: as of ``measure_classification``; or items have several labels each.
    """
    test, fitted_on = cases(predictions, labels, settings), cases(*validation, settings)
    require_groups("groups", groups, len(test.truth))
    if "multilabel" in {test.task, fitted_on.task}:
        raise DataError(
            "items with several labels", "one class for each item", "measure each label as two classes"
        )
    promised = {who: _Promise(who, test, fitted_on, settings, uncertainty) for who in test.probabilities}

    def measures(_: NDArray[np.bool_], subject: Subject) -> Iterable[Measure]:
        return promised[subject].measures

    whole = {"": np.ones(len(test.truth), dtype=bool)}
    found = estimate_parts(measures, promised, groups, whole, settings.bootstrap_repeats, settings.seed)
    return Evidence(
        tuple(to_metric(key, estimate, split) for key, estimate in {**found, **compared(found)}.items()),
        curves=tuple(promise.curve for promise in promised.values()),
        facts={name: fact for promise in promised.values() for name, fact in promise.facts.items()},
    )


class _Promise:
    """What one subject promises: its measures on the test split, its curve and its facts."""

    def __init__(
        self,
        subject: Subject,
        test: Cases,
        fitted_on: Cases,
        settings: ClassificationSettings,
        uncertainty: UncertaintySettings,
    ) -> None:
        self._subject, self._test, self._fitted_on = subject, test, fitted_on
        self._settings, self._uncertainty = settings, uncertainty
        self._confidence, self._wrong = _decisions(test, subject)
        cases_by_confidence = Selective(self._confidence, self._wrong)
        coverage, risk, _ = cases_by_confidence.curve()
        kept = np.unique(np.linspace(0, len(coverage) - 1, 200).round().astype(int))
        self.curve = Curve(
            "risk_coverage",
            subject,
            tuple(coverage[kept].tolist()),
            tuple(risk[kept].tolist()),
            "coverage",
            "risk",
        )
        self.facts: Facts = {}
        area = Weighed("aurc", cases_by_confidence.area, np.ones(len(self._wrong), dtype=bool))
        self.measures: list[Measure] = [area, *self._deferral(), *self._sets()]

    def _deferral(self) -> Iterable[Measure]:
        confidence, wrong = _decisions(self._fitted_on, self._subject)
        try:
            limit = deferral_threshold(confidence, wrong, self._uncertainty.risk)
        except GateError as error:
            self.facts[f"deferral_refused_{self._subject}"] = str(error)
            return
        self.facts[f"deferral_threshold_{self._subject}"] = limit
        decided = (self._confidence >= limit).astype(np.float64)
        yield Summed("selective_risk", np.stack([self._wrong * decided, decided], axis=1))
        yield Summed("deferral_rate", np.stack([1 - decided, np.ones_like(decided)], axis=1))

    def _sets(self) -> Iterable[Measure]:
        ours, theirs = self._test.probabilities[self._subject], self._fitted_on.probabilities[self._subject]
        asked = self._uncertainty
        try:
            p_value = require_exchangeable(theirs, ours, asked.exchangeability_level)
        except DataError as error:
            self.facts[f"conformal_refused_{self._subject}"] = str(error)
            return
        fitted = fit_conformal(
            theirs, self._fitted_on.truth, asked.miss_rate, score=asked.score, by_class=asked.by_class
        )
        self.facts[f"conformal_exchangeability_p_{self._subject}"] = p_value
        for name, limit in zip(self._settings.classes, fitted.limits, strict=True):
            self.facts[f"conformal_limit_{self._subject}/class:{name}"] = limit
        sets, truth = fitted.sets(ours), self._test.truth
        held, ones = (sets & truth).any(axis=1).astype(np.float64), np.ones(len(truth))
        yield Summed("conformal_coverage", np.stack([held, ones], axis=1))
        yield Summed(
            "conformal_set_size", np.stack([sets.sum(axis=1).astype(np.float64), ones], axis=1), kind="free"
        )
        for at, name in enumerate(self._settings.classes):
            of_class = np.stack([held * truth[:, at], truth[:, at].astype(np.float64)], axis=1)
            yield Summed("conformal_coverage", of_class, part=f"class:{name}")


def _decisions(given: Cases, subject: Subject) -> tuple[Array, Array]:
    """Confidence in the likeliest class, and 1 where it is wrong."""
    probabilities = given.probabilities[subject]
    right = given.truth[np.arange(len(given.truth)), probabilities.argmax(axis=1)]
    return probabilities.max(axis=1), 1.0 - right
