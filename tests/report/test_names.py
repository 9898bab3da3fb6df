"""Every metric has a name for readers."""

from __future__ import annotations

import pytest

from stillroom.report.names import MAIN, METRIC_NAMES, SUBJECT_NAMES, SUBJECT_NOTES, SUMMARY, metric_name
from stillroom.types import SUBJECTS
from stillroom.validate import METRICS
from stillroom.validate.metrics import EFFICIENCY, MEASURED, PRIVACY_BUDGET
from stillroom.validate.predicted import PREDICTED


def test_names_cover_what_is_measured() -> None:
    assert set(METRIC_NAMES) == set(MEASURED) | set(EFFICIENCY) | set(PRIVACY_BUDGET) | set(PREDICTED)
    assert set(MAIN) | set(SUMMARY) <= set(METRIC_NAMES)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_named(name: str) -> None:
    assert "_" not in metric_name(name)


def test_all_subjects_are_named_and_explained() -> None:
    assert set(SUBJECT_NAMES) == set(SUBJECT_NOTES) == set(SUBJECTS)
