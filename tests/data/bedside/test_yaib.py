from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from shared_data import shared_data
from stillroom.data.bedside.tasks import read
from stillroom.data.bedside.yaib import YAIB_VITALS, YaibSettings, build
from stillroom.types import DataError
from stillroom.types.cases import Head

NAMES = list(YAIB_VITALS)


def written(folder: Path, hourly: bool = False, **changes: Any) -> YaibSettings:
    """Both databases in small: forty stays of eICU and two of MIMIC-III, of five hours each."""
    task = "yaib_aki" if hourly else "yaib_mortality"
    for database, stays in (("eicu_demo", range(40)), ("mimic_demo", range(100, 102))):
        rows = [(stay, hour) for stay in stays for hour in range(5)]
        columns = {name: [None] * len(rows) for name in YAIB_VITALS}
        dyn = pa.table(
            {
                "stay_id": [stay for stay, _ in rows],
                "time": pa.array([3600 * hour for _, hour in rows], pa.duration("s")),
                **columns,
                "hr": [60.0 + hour for _, hour in rows],
                "temp": [98.6] * len(rows),
                "fio2": [0.5] * len(rows),
                "k": [99.0] * len(rows),
            }
        )
        sta = {
            "stay_id": list(stays),
            "age": [70.0] * len(stays),
            "sex": ["Female", None] * (len(stays) // 2),
        }
        sta |= {"height": [1.7] * len(stays), "weight": [80.0] * len(stays)}
        outc: dict[str, Any] = {"stay_id": list(stays), "label": [stay % 2 for stay in stays]}
        if hourly:
            outc = {"stay_id": dyn["stay_id"], "time": dyn["time"], "label": [hour > 2 for _, hour in rows]}
        name = "aki" if hourly else "mortality24"
        for part, table in (("dyn", dyn), ("sta", pa.table(sta)), ("outc", pa.table(outc))):
            parquet.write_table(table, folder / f"{name}.{database}.{part}.parquet")
    return YaibSettings(task=task, folder=folder, **changes)


def test_the_other_database_is_in_the_test_whole(tmp_path: Path) -> None:
    cohort = build(written(tmp_path))
    homes = {split: Counter(case.keys["database"] for case in of) for split, of in cohort.splits.items()}
    assert homes["train"].keys() == homes["validation"].keys() == {"eicu_demo"}
    assert homes["test"]["mimic_demo"] == 2
    assert homes["test"]["eicu_demo"] > 0
    assert sum(len(of) for of in cohort.splits.values()) == 42


def test_units_are_mended_and_what_is_impossible_is_missing(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, window_hours=5))
    case = cohort.splits["train"][0]
    assert case.inputs["series"].shape == (5, len(NAMES))
    assert case.inputs["series"][0, NAMES.index("temp")] == pytest.approx(37.0)
    assert case.inputs["series"][0, NAMES.index("fio2")] == pytest.approx(50.0)
    assert np.isnan(case.inputs["series"][:, NAMES.index("k")]).all()
    assert np.isnan(case.inputs["static"][2])
    assert cohort.mended["k: out of range, taken for missing"] == 42 * 5
    assert cohort.mended["height: out of range, taken for missing"] == 42


def test_a_missing_sex_is_unknown(tmp_path: Path) -> None:
    test = build(written(tmp_path)).splits["test"]
    assert {case.keys["sex"] for case in test} == {"female", "unknown"}


def test_a_label_of_every_hour_is_asked_at_the_end_of_its_hour(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, hourly=True, every_hours=2, window_hours=3))
    asked = [case for case in cohort.splits["train"] if case.group == cohort.splits["train"][0].group]
    rates = [case.inputs["series"][:, NAMES.index("hr")] for case in asked]
    assert [int(case.target) for case in asked] == [0, 0, 1]
    np.testing.assert_array_equal(rates[0], [np.nan, np.nan, 60.0])
    np.testing.assert_array_equal(rates[2], [62.0, 63.0, 64.0])


def test_a_length_of_stay_is_a_number_of_days(tmp_path: Path) -> None:
    settings = written(tmp_path, hourly=True, every_hours=4)
    for path in tmp_path.glob("aki.*"):
        table = parquet.read_table(path)
        if "outc" in path.name:
            left = [36.0 - seconds.seconds / 3600 for seconds in table["time"].to_pylist()]
            table = table.set_column(table.column_names.index("label"), "label", pa.array(left))
        parquet.write_table(table, tmp_path / path.name.replace("aki", "los"))
    cohort = build(settings.model_copy(update={"task": "yaib_length_of_stay"}))
    assert cohort.head == Head("values", ("remaining days",))
    group = cohort.splits["train"][0].group
    asked = [case.target for case in cohort.splits["train"] if case.group == group]
    np.testing.assert_allclose(asked, [[36 / 24], [32 / 24]], rtol=1e-6)


def test_a_stay_is_never_in_two_splits(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, hourly=True))
    homes = [{case.group for case in of} for of in cohort.splits.values()]
    assert not homes[0] & homes[1]
    assert not homes[0] & homes[2]


def test_a_label_without_measurements_is_told(tmp_path: Path) -> None:
    settings = written(tmp_path)
    path = tmp_path / "mortality24.eicu_demo.outc.parquet"
    parquet.write_table(pa.table({"stay_id": [7777], "label": [1]}), path)
    with pytest.raises(DataError, match="stay 7777 of eicu_demo has a label, but no measurements"):
        build(settings)


def test_the_real_cohorts_have_the_published_counts() -> None:
    cohort = read(YaibSettings(task="yaib_mortality", folder=shared_data("yaib_demo")))
    cases = [case for of in cohort.splits.values() for case in of]
    assert Counter(case.keys["database"] for case in cases) == {"eicu_demo": 1367, "mimic_demo": 99}
    days = read(YaibSettings(task="yaib_length_of_stay", folder=shared_data("yaib_demo"), every_hours=24))
    answers = np.concatenate([case.target for of in days.splits.values() for case in of])
    assert (answers.min(), answers.max()) == (0.0, 7.0)
    died = [case for case in cases if case.target == 1]
    assert Counter(case.keys["database"] for case in died) == {"eicu_demo": 70, "mimic_demo": 21}
