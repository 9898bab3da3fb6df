from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillroom.export.onnx.personal.plan import ChangePlan
from stillroom.train.bedside.personal.guard import Hours, decide
from stillroom.types.cases import UNKNOWN

PLAN = ChangePlan(changes="bias", least_labels=3, most_shift=1.5, deviation=1.0, shown={})


def hours(*labels: int, logit: float = -2.0) -> Hours:
    """A question every four hours, answered four hours later."""
    asked = 4.0 * np.arange(1, len(labels) + 1)
    return Hours(
        asked,
        asked + 4,
        np.full(len(labels), logit),
        np.zeros((len(labels), 0)),
        np.array(labels, dtype=np.int64),
    )


def test_a_patient_whom_the_model_misjudges_is_adapted_to() -> None:
    found = decide(hours(1, 1, 1, 1), 24, PLAN)
    assert found.accepted
    assert found.adapter.bias > 0.5
    assert found.risk_locked is not None
    assert found.risk_adapted is not None
    assert found.risk_adapted < found.risk_locked


def test_an_update_whose_shadow_raised_the_risk_is_refused() -> None:
    """One event misleads the shadow about all that follow."""
    found = decide(hours(1, 0, 0, 0), 24, PLAN)
    assert not found.accepted
    assert found.reason == "it would raise the validated risk"
    assert found.risk_adapted is not None
    assert found.risk_locked is not None
    assert found.risk_adapted > found.risk_locked


def test_too_few_labels_change_nothing() -> None:
    found = decide(hours(1, 1, UNKNOWN, UNKNOWN), 24, PLAN)
    assert not found.accepted
    assert found.reason == "2 labels, of at least 3"
    assert found.adapter.bias == 0.0


def test_only_what_is_known_by_now_is_looked_at() -> None:
    early = decide(hours(1, 1, 1, 0, 0, 0, 0, 0), 16, PLAN)
    assert early == decide(hours(1, 1, 1), 16, PLAN)


def test_a_question_is_judged_by_an_adapter_that_had_no_label_from_after_it_was_asked() -> None:
    """Where all are asked at once there is nothing that an update had not seen."""
    at_once = replace(hours(1, 1, 1), asked=np.full(3, 4.0))
    found = decide(at_once, 24, PLAN)
    assert not found.accepted
    assert found.reason == "no label that an update had not seen"


@pytest.mark.parametrize("logit", [-6.0, 0.0, 6.0])
def test_a_well_judged_patient_is_left_alone(logit: float) -> None:
    sure = int(logit > 0)
    found = decide(hours(sure, sure, 1 - sure, 1 - sure, logit=logit), 24, PLAN)
    assert not found.accepted or abs(found.adapter.bias) < 2
