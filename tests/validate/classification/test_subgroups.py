"""Gaps between subgroups, worked out by hand, and what distillation added to them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from stillroom.validate import measure_classification

from .conftest import Made


def test_gaps_are_told_against_all_others_with_worse_off_positive(binary: Made) -> None:
    evidence = measure_classification(
        binary.predictions, binary.labels, binary.groups, binary.settings, subgroups=binary.subgroups
    )
    inside, truth = np.array(binary.subgroups["sex"]) == "f", binary.labels == 1

    def gap(subject: str) -> tuple[float, float]:
        scores = binary.predictions[subject]
        missed, area = (
            [
                float((scores[of & truth] < 0.5).mean()) if rate else roc_auc_score(truth[of], scores[of])
                for of in (inside, ~inside)
            ]
            for rate in (True, False)
        )
        return missed[0] - missed[1], area[1] - area[0]

    student, teacher = gap("student"), gap("teacher")
    for at, name in enumerate(("fnr", "auroc")):
        found = evidence.value(f"subgroup_gap_{name}/sex:f", "student")
        assert found.value == pytest.approx(student[at])
        assert found.ci_low < found.value < found.ci_high
        assert evidence.value(f"subgroup_gap_{name}/sex:m", "student").value == pytest.approx(-student[at])
        amplified = evidence.value(f"amplification_{name}/sex:f", "student")
        assert amplified.value == pytest.approx(student[at] - teacher[at])


def test_one_subgroup_alone_has_no_gap(binary: Made) -> None:
    evidence = measure_classification(
        binary.predictions, binary.labels, binary.groups, binary.settings, subgroups={"site": ["a"] * 300}
    )
    assert not any("gap_fnr" in metric.name for metric in evidence.metrics)
