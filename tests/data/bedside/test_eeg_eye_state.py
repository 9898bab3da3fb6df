from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from shared_data import shared_data
from stillroom.data.bedside.eeg_eye_state import CHANNELS, EegEyeStateSettings, build
from stillroom.data.bedside.tasks import read
from stillroom.types.cases import Case


def written(folder: Path, block: int = 40) -> EegEyeStateSettings:
    """Ten blocks of made samples; the eyes close in the second half of each; one reading is a fault."""
    lines = [",".join((*CHANNELS, "eyeDetection", "block"))]
    for sample in range(10 * block):
        readings = ["4300"] * 13 + [str(300_000 if sample == 5 else 4000 + sample)]
        closed = sample % block >= block // 2
        lines.append(",".join((*readings, str(int(closed)), str(sample // block))))
    with gzip.open(folder / "eeg_eye_state.csv.gz", "wt") as file:
        file.write("\n".join(lines))
    return EegEyeStateSettings(task="eye_state", folder=folder, window=16, step=8)


def test_windows_lie_within_one_block_and_are_told_by_their_end(tmp_path: Path) -> None:
    cohort = read(written(tmp_path))
    assert {split: len(cases) for split, cases in cohort.splits.items()} == {
        "train": 7 * 4,
        "validation": 4,
        "test": 2 * 4,
    }
    last = cohort.splits["train"][-1]
    assert (last.id, last.group, int(last.target)) == ("eeg_eye_state/6/40", "block 6", 1)
    assert last.inputs["wave"][:, 13].tolist() == [4000.0 + sample for sample in range(264, 280)]


def test_a_reading_of_a_faulty_sensor_is_missing_and_counted(tmp_path: Path) -> None:
    cohort = build(written(tmp_path))
    assert np.isnan(cohort.splits["train"][0].inputs["wave"]).sum() == 1
    assert cohort.mended == {"reading of a faulty sensor, taken for missing": 1}


def accuracy_of_nearest(train: list[Case], test: list[Case]) -> float:
    """Accuracy of the nearest training case, on the last sample of each window."""
    (x, y), (u, v) = (
        (
            np.stack([np.nan_to_num(case.inputs["wave"][-1], nan=4300.0) for case in cases]).astype(float),
            np.array([int(case.target) for case in cases]),
        )
        for cases in (train, test)
    )
    distances = (u**2).sum(1)[:, None] + (x**2).sum(1) - 2 * u @ x.T
    return float((y[distances.argmin(1)] == v).mean())


def test_a_random_split_leaks_and_the_split_by_blocks_does_not() -> None:
    settings = EegEyeStateSettings(task="eye_state", folder=shared_data("eeg_eye_state"), window=8, step=4)
    cohort = read(settings)
    train, test = list(cohort.splits["train"]), list(cohort.splits["test"])
    by_blocks = accuracy_of_nearest(train, test)
    everyone = [*train, *test]
    order = np.random.default_rng(0).permutation(len(everyone))
    mixed = [everyone[at] for at in order]
    at_random = accuracy_of_nearest(mixed[: len(train)], mixed[len(train) :])
    assert at_random > 0.85
    assert by_blocks < 0.7
