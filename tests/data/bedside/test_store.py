from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bedside_cases import made_case, made_cohort
from stillroom.data.bedside.store import load_saved, manifest, save
from stillroom.types import DataError, StorageError


def test_a_cohort_reads_back_as_it_was(tmp_path: Path) -> None:
    cohort = made_cohort()
    save(cohort, tmp_path / "cohort")
    found = load_saved(tmp_path / "cohort")
    assert found.fingerprint == cohort.fingerprint
    assert manifest(found) == manifest(cohort)
    old, new = cohort.splits["test"][3], found.splits["test"][3]
    np.testing.assert_array_equal(old.inputs["series"], new.inputs["series"])
    assert (new.keys, new.target, new.focus is not None) == (old.keys, old.target, True)


def test_cases_of_unlike_length_read_back_too(tmp_path: Path) -> None:
    cohort = made_cohort(train=4, others=2)
    train = tuple(made_case(number, hours=3 + number) for number in range(4))
    save(replace(cohort, splits={**cohort.splits, "train": train}), tmp_path / "cohort")
    found = load_saved(tmp_path / "cohort").splits["train"]
    assert [len(case.inputs["series"]) for case in found] == [3, 4, 5, 6]
    np.testing.assert_array_equal(found[2].inputs["series"], train[2].inputs["series"])


def test_files_are_private(tmp_path: Path) -> None:
    save(made_cohort(), tmp_path / "cohort")
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "cohort").iterdir()} == {0o600}


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    save(made_cohort(), tmp_path / "cohort")
    text = (tmp_path / "cohort" / "test.json").read_text()
    (tmp_path / "cohort" / "test.json").write_text(text.replace("made/80", "made/99"))
    with pytest.raises(StorageError, match="not what was saved"):
        load_saved(tmp_path / "cohort")


def test_a_folder_without_a_cohort_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no cohort"):
        load_saved(tmp_path)


def test_columns_in_another_order_of_memory_come_back_as_they_were(tmp_path: Path) -> None:
    cohort = made_cohort(train=4, others=2)
    turned = {
        split: tuple(
            replace(case, inputs={**case.inputs, "series": case.inputs["series"][:, [2, 0]]})
            for case in cases
        )
        for split, cases in cohort.splits.items()
    }
    drawn = replace(cohort, splits=turned, channels={**cohort.channels, "series": ("c", "a")})
    save(drawn, tmp_path / "cohort")
    assert load_saved(tmp_path / "cohort").fingerprint == drawn.fingerprint
