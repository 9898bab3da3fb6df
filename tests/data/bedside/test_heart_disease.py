from __future__ import annotations

import numpy as np
import pytest

from shared_data import shared_data
from stillroom.data.bedside.heart_disease import CHANNELS, HeartDiseaseSettings, build
from stillroom.data.bedside.tasks import read
from stillroom.types import DataError


def settings(held_out: str | None) -> HeartDiseaseSettings:
    return HeartDiseaseSettings(
        task="heart_disease", folder=shared_data("heart_disease_uci"), held_out=held_out
    )


def test_a_hospital_is_held_out_whole() -> None:
    cohort = read(settings("hungarian"))
    assert len(cohort.splits["test"]) == 294
    assert sum(int(case.target) for case in cohort.splits["test"]) == 106
    assert {case.keys["site"] for case in cohort.splits["train"]} == {"cleveland", "switzerland", "va"}
    assert "hungarian" in cohort.split_rule


def test_without_one_every_hospital_is_in_every_split() -> None:
    cohort = read(settings(None))
    assert all(len({case.keys["site"] for case in cases}) == 4 for cases in cohort.splits.values())
    assert sum(map(len, cohort.splits.values())) == 920


def test_a_cholesterol_of_0_is_missing_and_counted() -> None:
    cohort = build(settings("switzerland"))
    cholesterol = [case.inputs["static"][CHANNELS.index("chol")] for case in cohort.splits["test"]]
    assert np.isnan(cholesterol).all()
    assert cohort.mended["chol: out of range, taken for missing"] >= 123


def test_a_site_that_is_not_there_is_told() -> None:
    with pytest.raises(DataError, match="did you mean 'hungarian'"):
        build(settings("hungary"))
