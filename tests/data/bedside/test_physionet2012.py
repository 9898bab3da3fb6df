from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from shared_data import shared_data
from stillroom.data.bedside.physionet2012 import Physionet2012Settings, build
from stillroom.data.bedside.tasks import read, stamp
from stillroom.data.bedside.vitals import VITALS
from stillroom.types import DataError

STAYS = {
    11: ("train", 0),
    12: ("train", 1),
    13: ("val", 0),
    14: ("val", 1),
    15: ("test", 0),
    16: ("test", 1),
    17: ("test", 1),
}


def written(folder: Path, events: list[tuple[int, int, str, float]]) -> Physionet2012Settings:
    """The two files of the source, in small."""
    columns = dict(zip(("record_id", "minute", "parameter", "value"), zip(*events, strict=True), strict=True))
    parquet.write_table(
        pa.table({name: list(values) for name, values in columns.items()}), folder / "set_a_events.parquet"
    )
    outcomes = {
        "record_id": list(STAYS),
        "in_hospital_death": [died for _, died in STAYS.values()],
        "split": [split for split, _ in STAYS.values()],
    }
    csv.write_csv(pa.table(outcomes), folder / "set_a_outcomes.csv")
    return Physionet2012Settings(task="icu_mortality", folder=folder)


def one_each(*more: tuple[int, int, str, float]) -> list[tuple[int, int, str, float]]:
    return [*((stay, 5, "HR", 80.0) for stay in STAYS if stay != 17), *more]


def test_measurements_become_hourly_means_in_clinical_units(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, one_each((11, 65, "HR", 90.0), (11, 119, "HR", 100.0))))
    series = cohort.splits["train"][0].inputs["series"]
    heart = list(VITALS).index("HR")
    assert series.shape == (48, len(VITALS))
    assert series[:3, heart].tolist()[:2] == [80.0, 95.0]
    assert np.isnan(series[2, heart])


def test_another_unit_is_converted_and_an_impossible_value_is_missing_and_both_are_counted(
    tmp_path: Path,
) -> None:
    cohort = build(
        written(tmp_path, one_each((11, 5, "Temp", 98.6), (12, 5, "Temp", -17.8), (11, 5, "pH", 735.0)))
    )
    names = list(VITALS)
    first, second = (case.inputs["series"][0] for case in cohort.splits["train"])
    assert first[names.index("Temp")] == pytest.approx(37.0)
    assert first[names.index("pH")] == pytest.approx(7.35)
    assert np.isnan(second[names.index("Temp")])
    assert cohort.mended == {
        "Temp: another unit, converted": 1,
        "Temp: out of range, taken for missing": 1,
        "pH: another unit, converted": 1,
    }


def test_a_stay_without_measurements_is_left_out_and_counted(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, one_each()))
    assert [case.group for case in cohort.splits["test"]] == ["15", "16"]
    assert cohort.dropped == {"no measurement in these hours": 1}


def test_minus_one_in_a_descriptor_and_a_unit_that_is_not_known_are_missing(tmp_path: Path) -> None:
    events = one_each(
        (11, 0, "Gender", -1.0), (11, 0, "Age", 70.0), (11, 0, "ICUType", 9.0), (12, 0, "ICUType", 2.0)
    )
    first, second = build(written(tmp_path, events)).splits["train"]
    assert first.keys == {"sex": "unknown", "age": "65 to 79", "unit": "unknown"}
    assert np.isnan(first.inputs["static"][[1, 3, 4, 5, 6]]).all()
    assert second.inputs["static"][3:].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_attention_is_asked_for_where_the_pressure_falls(tmp_path: Path) -> None:
    falls = ((11, 5, "MAP", 90.0), (11, 65, "MAP", 60.0), (12, 5, "MAP", 90.0), (12, 65, "MAP", 80.0))
    first, second = build(written(tmp_path, one_each(*falls))).splits["train"]
    assert first.focus is not None
    assert first.focus.nonzero()[0].tolist() == [1]
    assert second.focus is not None
    assert second.focus.sum() == 0


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    settings = written(tmp_path, one_each())
    (tmp_path / "set_a_outcomes.csv").write_text("record_id,split\n1,train\n")
    with pytest.raises(DataError, match=r"set_a_outcomes\.csv has no column 'in_hospital_death'"):
        build(settings)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no files in"):
        stamp(Physionet2012Settings(task="icu_mortality", folder=tmp_path))


def test_the_real_set_has_the_published_split() -> None:
    folder = shared_data("physionet2012_icu")
    cohort = read(Physionet2012Settings(task="icu_mortality", folder=folder))
    assert {split: len(cases) for split, cases in cohort.splits.items()} == {
        "train": 2807,
        "validation": 395,
        "test": 795,
    }
    assert cohort.dropped == {"no measurement in these hours": 3}
    assert sum(int(case.target) for case in cohort.splits["test"]) == 115
