from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from shared_data import shared_data
from stillroom.data.bedside.physionet2012_hypotension import HypotensionSettings, build, read_stay
from stillroom.data.bedside.tasks import read
from stillroom.data.bedside.vitals import VITALS
from stillroom.types import DataError
from stillroom.types.cases import UNKNOWN

MAP = list(VITALS).index("MAP")
Rows = list[tuple[int, int, str, float]]


def written(folder: Path, rows: Rows, **changes: int) -> HypotensionSettings:
    names = ("record_id", "minute", "parameter", "value")
    columns = {name: list(of) for name, of in zip(names, zip(*rows, strict=True), strict=True)}
    parquet.write_table(pa.table(columns), folder / "set_a_events.parquet")
    outcomes = pa.table({"record_id": [1, 2, 3], "split": ["train", "val", "test"]})
    csv.write_csv(outcomes, folder / "set_a_outcomes.csv")
    return HypotensionSettings(task="icu_hypotension", folder=folder, **changes)


def hourly(stay: int, values: list[float], name: str = "MAP") -> Rows:
    return [(stay, 60 * hour + 5, name, value) for hour, value in enumerate(values)]


def test_a_forecast_reads_what_came_before_and_is_judged_by_what_came_after(tmp_path: Path) -> None:
    settings = written(tmp_path, hourly(1, [80.0] * 9 + [60.0] + [80.0] * 4), window_hours=6)
    first, second, third = build(settings).splits["train"]
    assert [case.span for case in (first, second, third)] == [(4.0, 8.0), (8.0, 12.0), (12.0, 16.0)]
    assert [int(case.target) for case in (first, second, third)] == [0, 1, 0]
    assert np.isnan(first.inputs["series"][:2, MAP]).all()
    assert first.inputs["series"][2:, MAP].tolist() == [80.0] * 4
    assert second.inputs["series"][:, MAP].tolist() == [80.0] * 6


def test_the_future_never_reaches_the_inputs(tmp_path: Path) -> None:
    rows = hourly(1, [80.0] * 20)
    before = build(written(tmp_path, rows)).splits["train"]
    later = [(stay, minute, name, 50.0 if minute >= 8 * 60 else value) for stay, minute, name, value in rows]
    after = build(written(tmp_path, later)).splits["train"]
    assert [case.sha256 for case in before if case.span and case.span[0] <= 8] == [
        case.sha256 for case in after if case.span and case.span[0] <= 8
    ]


def test_the_cuff_counts_where_there_is_no_line(tmp_path: Path) -> None:
    settings = written(tmp_path, [*hourly(1, [80.0] * 5), *hourly(1, [50.0] * 8, "NIMAP")])
    assert [int(case.target) for case in build(settings).splits["train"]] == [1]


def test_forecasts_without_pressure_ahead_are_counted_and_left_out(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, hourly(1, [80.0] * 6)))
    assert [case.id for case in cohort.splits["train"]] == ["physionet2012/1@4"]
    assert cohort.dropped["no pressure in the hours ahead"] == 10 + 11 + 11


def test_an_artefact_is_no_label(tmp_path: Path) -> None:
    cohort = build(written(tmp_path, hourly(1, [80.0] * 5 + [20.0] + [80.0] * 3)))
    assert int(cohort.splits["train"][0].target) == 0
    assert cohort.mended["mean pressure: artefact, taken for missing"] == 1


def test_a_stay_under_way_has_no_label_before_its_hours_have_passed(tmp_path: Path) -> None:
    path = tmp_path / "stay.csv"
    rows = pa.table({"minute": [60 * h for h in range(14)], "parameter": ["MAP"] * 14, "value": [60.0] * 14})
    csv.write_csv(rows, path)
    cases = read_stay(path, HypotensionSettings(task="icu_hypotension", folder=tmp_path))
    assert [case.span for case in cases] == [(4.0, 8.0), (8.0, 12.0), (12.0, 16.0)]
    assert [int(case.target) for case in cases] == [1, 1, UNKNOWN]


def test_a_stay_that_has_hardly_begun_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stay.csv"
    csv.write_csv(pa.table({"minute": [0], "parameter": ["MAP"], "value": [60.0]}), path)
    with pytest.raises(DataError, match=r"stay\.csv holds 0 full hours; expected at least 4"):
        read_stay(path, HypotensionSettings(task="icu_hypotension", folder=tmp_path))


@pytest.mark.slow
def test_the_real_set_asks_eleven_times_a_stay() -> None:
    cohort = read(HypotensionSettings(task="icu_hypotension", folder=shared_data("physionet2012_icu")))
    test = cohort.splits["test"]
    assert 7_500 < len(test) < 795 * 11
    assert 0.25 < np.mean([int(case.target) for case in test]) < 0.32
    assert cohort.mended["mean pressure: artefact, taken for missing"] == 1603
