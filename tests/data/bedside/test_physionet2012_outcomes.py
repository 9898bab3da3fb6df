from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from data.bedside.test_physionet2012 import STAYS, one_each, written
from stillroom.data.bedside.physionet2012_outcomes import IcuOutcomesSettings, build


def settings(folder: Path, days: list[float]) -> IcuOutcomesSettings:
    written(folder, one_each())
    outcomes = {
        "record_id": list(STAYS),
        "in_hospital_death": [died for _, died in STAYS.values()],
        "length_of_stay": days,
        "split": [split for split, _ in STAYS.values()],
    }
    csv.write_csv(pa.table(outcomes), folder / "set_a_outcomes.csv")
    return IcuOutcomesSettings(task="icu_outcomes", folder=folder)


def test_a_stay_has_a_label_of_each_task(tmp_path: Path) -> None:
    cohort = build(settings(tmp_path, [14, 15, 3, 20, 3, 20, 3]))
    assert cohort.head.kind == "labels"
    assert [case.target.tolist() for case in cohort.splits["train"]] == [[0, 0], [1, 1]]


def test_an_unknown_length_still_teaches_the_other_task_and_is_not_tested_on(tmp_path: Path) -> None:
    cohort = build(settings(tmp_path, [-1, 15, -1, 20, 3, -1, 3]))
    died, long = cohort.splits["train"][0].target
    assert died == 0
    assert np.isnan(long)
    assert len(cohort.splits["validation"]) == len(cohort.splits["test"]) == 1
    assert cohort.dropped == {"length of stay not known": 2, "no measurement in these hours": 1}
