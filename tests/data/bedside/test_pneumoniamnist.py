from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shared_data import shared_data
from stillroom.data.bedside.pneumoniamnist import PneumoniaMnistSettings, build
from stillroom.data.bedside.tasks import read
from stillroom.types import DataError


def written(folder: Path, size: int = 28, **changed: np.ndarray) -> PneumoniaMnistSettings:
    """The archive of the source with four images in each split, all different."""
    pixels = np.random.default_rng(0).integers(256, size=(3, 4, size, size), dtype=np.uint8)
    arrays = {f"{given}_images": pixels[at] for at, given in enumerate(("train", "val", "test"))}
    arrays |= {f"{given}_labels": np.array([[0], [1], [0], [1]]) for given in ("train", "val", "test")}
    np.savez(folder / "pneumoniamnist.npz", **{**arrays, **changed})
    return PneumoniaMnistSettings(task="pneumonia", folder=folder)


def test_images_keep_their_grey_levels_and_the_published_split(tmp_path: Path) -> None:
    settings = written(tmp_path)
    cohort = read(settings)
    with np.load(tmp_path / "pneumoniamnist.npz") as given:
        image = given["val_images"][2]
    case = cohort.splits["validation"][2]
    assert (case.id, int(case.target)) == ("pneumoniamnist/val/2", 0)
    np.testing.assert_array_equal(case.inputs["image"][..., 0], image)
    assert cohort.dropped == {}


def test_a_training_image_that_equals_a_test_image_is_left_out_and_counted(tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(256, size=(4, 28, 28), dtype=np.uint8)
    cohort = read(written(tmp_path, train_images=images, test_images=images[[3, 3, 3, 3]]))
    assert [case.id[-1] for case in cohort.splits["train"]] == ["0", "1", "2"]
    assert len(cohort.splits["test"]) == 4
    assert cohort.dropped == {"train image equal to one in test": 1}


def test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"pneumoniamnist/test/0 has \(32, 32\) pixels; expected \(28, 28\)"):
        build(written(tmp_path, size=32))


def test_an_archive_that_lacks_an_array_or_holds_objects_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "pneumoniamnist.npz", other=np.zeros(1))
    settings = PneumoniaMnistSettings(task="pneumonia", folder=tmp_path)
    with pytest.raises(DataError, match="has no array 'test_images'"):
        build(settings)
    with pytest.raises(DataError, match=r"cannot read .*ValueError"):
        build(written(tmp_path, test_images=np.array([{}], dtype=object)))


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pneumoniamnist.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match="cannot read"):
        build(PneumoniaMnistSettings(task="pneumonia", folder=tmp_path))


def test_the_real_set_has_the_published_counts_less_what_leaks() -> None:
    cohort = read(PneumoniaMnistSettings(task="pneumonia", folder=shared_data("pneumoniamnist")))
    assert {split: len(cases) for split, cases in cohort.splits.items()} == {
        "train": 4698,
        "validation": 524,
        "test": 624,
    }
    assert cohort.dropped == {"train image equal to one in validation": 10}
    assert sum(int(case.target) for case in cohort.splits["test"]) == 390
