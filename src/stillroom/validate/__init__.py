"""What may be claimed: metrics with intervals, calibration, retention and gates, measured in any runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.validate.calibration.scaling import CALIBRATOR as CALIBRATOR
    from stillroom.validate.calibration.scaling import fit_calibrator as fit_calibrator
    from stillroom.validate.classification.measure import measure_classification as measure_classification
    from stillroom.validate.classification.settings import ClassificationSettings as ClassificationSettings
    from stillroom.validate.classification.settings import ThresholdSettings as ThresholdSettings
    from stillroom.validate.classification.thresholds import choose_thresholds as choose_thresholds
    from stillroom.validate.efficiency.figures import exact as exact
    from stillroom.validate.efficiency.figures import median as median
    from stillroom.validate.evaluate import evaluate as evaluate
    from stillroom.validate.failures import measure_failures as measure_failures
    from stillroom.validate.gates.judge import judge as judge
    from stillroom.validate.gates.outcome import EXIT_CODES as EXIT_CODES
    from stillroom.validate.gates.outcome import VERDICT_FILE as VERDICT_FILE
    from stillroom.validate.gates.outcome import exit_code as exit_code
    from stillroom.validate.gates.outcome import outcome as outcome
    from stillroom.validate.gates.outcome import verdict_document as verdict_document
    from stillroom.validate.gates.settings import GateSettings as GateSettings
    from stillroom.validate.gates.tiers import load_tiers as load_tiers
    from stillroom.validate.gates.tiers import tier_names as tier_names
    from stillroom.validate.metric_spec import MetricSpec as MetricSpec
    from stillroom.validate.metrics import METRICS as METRICS
    from stillroom.validate.metrics import spec as spec
    from stillroom.validate.retrospective import periods as periods
    from stillroom.validate.retrospective import split_by_time as split_by_time
    from stillroom.validate.settings import ValidateSettings as ValidateSettings
    from stillroom.validate.tasks.entities import entities as entities
    from stillroom.validate.tasks.measure import measure_summed as measure_summed
    from stillroom.validate.tasks.regression import regression as regression
    from stillroom.validate.tasks.segmentation import segmentation as segmentation
    from stillroom.validate.tokens import score_tokens as score_tokens
    from stillroom.validate.uncertainty.measure import measure_uncertainty as measure_uncertainty
    from stillroom.validate.uncertainty.settings import UncertaintySettings as UncertaintySettings

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "CALIBRATOR": "calibration.scaling",
        "EXIT_CODES": "gates.outcome",
        "METRICS": "metrics",
        "VERDICT_FILE": "gates.outcome",
        "ClassificationSettings": "classification.settings",
        "GateSettings": "gates.settings",
        "MetricSpec": "metric_spec",
        "ThresholdSettings": "classification.settings",
        "UncertaintySettings": "uncertainty.settings",
        "ValidateSettings": "settings",
        "choose_thresholds": "classification.thresholds",
        "entities": "tasks.entities",
        "evaluate": "evaluate",
        "exact": "efficiency.figures",
        "exit_code": "gates.outcome",
        "fit_calibrator": "calibration.scaling",
        "judge": "gates.judge",
        "load_tiers": "gates.tiers",
        "measure_classification": "classification.measure",
        "measure_failures": "failures",
        "measure_summed": "tasks.measure",
        "measure_uncertainty": "uncertainty.measure",
        "median": "efficiency.figures",
        "outcome": "gates.outcome",
        "periods": "retrospective",
        "regression": "tasks.regression",
        "score_tokens": "tokens",
        "segmentation": "tasks.segmentation",
        "spec": "metrics",
        "split_by_time": "retrospective",
        "tier_names": "gates.tiers",
        "verdict_document": "gates.outcome",
    },
)
