from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared_data import shared_data
from stillroom.data.bedside.hippocampus import FRAME, HippocampusSettings, build
from stillroom.data.bedside.tasks import read
from stillroom.types import DataError
from stillroom.types.cases import UNKNOWN


def written(folder: Path, **changed: np.ndarray) -> HippocampusSettings:
    """The archive of the source with one small volume in each split."""
    random = np.random.default_rng(0)
    arrays = {"ids": np.array([1, 4, 12], np.int16), "split": np.array(["train", "val", "test"])}
    for number in ("001", "004", "012"):
        arrays[f"image_{number}"] = random.integers(256, size=(5, 7, 6), dtype=np.uint8)
        arrays[f"label_{number}"] = random.integers(3, size=(5, 7, 6), dtype=np.uint8)
    np.savez(folder / "hippocampus.npz", **{**arrays, **changed})
    return HippocampusSettings(task="hippocampus", folder=folder)


def test_a_slice_has_its_neighbours_and_nothing_is_known_outside_the_volume(tmp_path: Path) -> None:
    cohort = read(written(tmp_path))
    with np.load(tmp_path / "hippocampus.npz") as given:
        image, label = given["image_012"], given["label_012"]
    first, second = cohort.splits["test"][:2]
    assert (second.id, second.group) == ("hippocampus/012/1", "volume 012")
    np.testing.assert_array_equal(second.inputs["image"][:7, :6], np.moveaxis(image[:3], 0, -1))
    np.testing.assert_array_equal(second.target[:7, :6], label[1])
    assert np.isnan(first.inputs["image"][..., 0]).all()
    for outside in (second.inputs["image"][7:], second.inputs["image"][:, 6:]):
        assert np.isnan(outside).all()
    assert (second.target[7:] == UNKNOWN).all()
    assert second.target.shape == FRAME


def test_only_training_volumes_are_thinned(tmp_path: Path) -> None:
    splits = read(written(tmp_path)).splits
    assert [case.id[-1] for case in splits["train"]] == ["0", "3"]
    assert (len(splits["validation"]), len(splits["test"])) == (5, 5)


@pytest.mark.parametrize("shape", [(5, 7, 5), (5, 65, 6), (7, 6)])
def test_a_volume_that_fits_neither_outline_nor_frame_is_refused(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    with pytest.raises(DataError, match="volume 004 of shape"):
        build(written(tmp_path, image_004=np.zeros(shape, np.uint8)))


def test_the_real_set_keeps_patients_apart_and_every_voxel_of_the_test() -> None:
    settings = HippocampusSettings(task="hippocampus", folder=shared_data("hippocampus_seg"), train_every=8)
    cohort = build(settings)
    groups = {split: {case.group for case in cases} for split, cases in cohort.splits.items()}
    assert {split: len(of) for split, of in groups.items()} == {"train": 162, "validation": 35, "test": 63}
    assert not groups["train"] & groups["test"]
    with np.load(shared_data("hippocampus_seg") / "hippocampus.npz") as given:
        numbers = [f"{number:03d}" for number in given["ids"][given["split"] == "test"]]
        wanted = sum(int((given[f"label_{number}"] == 2).sum()) for number in numbers)
    assert sum(int((case.target == 2).sum()) for case in cohort.splits["test"]) == wanted
