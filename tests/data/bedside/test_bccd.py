from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared_data import shared_data
from stillroom.data.bedside.bccd import BccdSettings
from stillroom.data.bedside.tasks import read
from stillroom.types import DataError


def written(folder: Path, photographs: list[int]) -> BccdSettings:
    images = np.random.default_rng(0).integers(256, size=(6, 32, 32, 3), dtype=np.uint8)
    split = np.array(["train", "train", "val", "val", "test", "test"])
    np.savez(
        folder / "cells32.npz",
        images=images,
        labels=np.array([0, 1, 0, 2, 0, 1]),
        image_id=np.array(photographs),
        split=split,
    )
    return BccdSettings(task="blood_cells", folder=folder)


def test_cells_keep_colour_kind_and_photograph(tmp_path: Path) -> None:
    cohort = read(written(tmp_path, [1, 1, 2, 3, 4, 5]))
    case = cohort.splits["validation"][1]
    assert (case.group, cohort.head.names[int(case.target)]) == ("photograph 3", "platelet")
    assert case.inputs["image"].shape == (32, 32, 3)


def test_cells_of_one_photograph_in_two_splits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'photograph 1' is in train and in test"):
        read(written(tmp_path, [1, 1, 2, 3, 1, 5]))


def test_the_real_set_has_the_published_counts() -> None:
    cohort = read(BccdSettings(task="blood_cells", folder=shared_data("bccd_blood_cells")))
    counts = {
        split: np.bincount([int(case.target) for case in cases]).tolist()
        for split, cases in cohort.splits.items()
    }
    assert counts == {"train": [2381, 214, 209], "validation": [967, 87, 83], "test": [805, 71, 69]}
