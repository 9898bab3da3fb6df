from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared_data import shared_data
from stillroom.data.bedside.mitbih import MitBihSettings, build
from stillroom.data.bedside.tasks import read
from stillroom.types import DataError


def written(folder: Path, records: list[int], samples: int = 288) -> MitBihSettings:
    signal = np.zeros((6, samples), dtype=np.int16)
    signal[:, 126 % samples] = 200
    np.savez(
        folder / "beats.npz",
        signal=signal,
        label=np.array([0, 1] * 3),
        record=np.array(records),
        rr_prev_s=np.array([np.nan, 0.5, 0.8, 0.5, 0.8, 0.5]),
        split=np.array(["train", "train", "val", "val", "test", "test"]),
    )
    return MitBihSettings(task="pvc_beats", folder=folder)


def test_beats_are_in_millivolts_with_the_interval_before_them(tmp_path: Path) -> None:
    cohort = read(written(tmp_path, [100, 100, 119, 119, 116, 200]))
    first, second = cohort.splits["train"]
    assert first.inputs["wave"].shape == (288, 1)
    assert first.inputs["wave"].max() == 1.0
    assert np.isnan(first.inputs["interval"]).all()
    assert second.inputs["interval"].tolist() == [0.5]
    assert cohort.splits["test"][1].keys == {"record": "200"}


def test_a_patient_in_two_splits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'record 100' is in train and in test"):
        read(written(tmp_path, [100, 100, 119, 119, 100, 200]))


def test_beats_of_another_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"beats of \(250,\) samples; expected 288"):
        build(written(tmp_path, [100, 100, 119, 119, 116, 200], samples=250))


def test_the_real_set_is_split_by_patient() -> None:
    cohort = read(MitBihSettings(task="pvc_beats", folder=shared_data("mitbih_pvc_beats")))
    counts = {
        split: (len({c.group for c in cases}), len(cases), sum(int(c.target) for c in cases))
        for split, cases in cohort.splits.items()
    }
    assert counts == {"train": (8, 16441, 631), "validation": (2, 3849, 445), "test": (2, 5011, 935)}
