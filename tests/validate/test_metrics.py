"""The table of metrics is complete and says what a reader needs."""

from __future__ import annotations

import pytest

from stillroom.validate.metrics import METRICS, spec
from stillroom.validate.predicted import FAILED

NEUTRAL = {"alarm_rate", "confidence", "confidence_drop", "entropy", "mean_error"}
"""More of these is neither better nor worse."""


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_described(name: str) -> None:
    assert METRICS[name].description
    base = name.partition("_minus_")[0]
    assert (METRICS[name].higher_is_better is None) == (base in NEUTRAL or base in FAILED)


def test_names_hold_no_part() -> None:
    assert not any("/" in name for name in METRICS)


def test_a_difference_keeps_unit_and_direction() -> None:
    assert spec("kl_to_teacher_minus_control").unit == spec("kl_to_teacher").unit
    assert spec("choice_accuracy_minus_student").higher_is_better is True
    assert spec("ece_minus_control/definition").higher_is_better is False


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        spec("accuracy_of_everything")
