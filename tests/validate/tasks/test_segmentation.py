"""Overlap and distance of outlines, against distances taken between every two points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_erosion, gaussian_filter
from scipy.spatial.distance import cdist
from sklearn.metrics import f1_score, jaccard_score

from shared_data import shared_data
from stillroom.types import DataError
from stillroom.validate.tasks.measure import measure_summed
from stillroom.validate.tasks.segmentation import hd95, outline_scores, segmentation


def blob(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    return gaussian_filter(np.random.default_rng(seed).normal(size=shape), 2) > 0.02


def slow_hd95(ours: np.ndarray, theirs: np.ndarray, spacing: tuple[float, ...]) -> float:
    """Every surface point to every other."""
    points = [np.argwhere(mask & ~binary_erosion(mask)) * np.array(spacing) for mask in (ours, theirs)]
    away = cdist(*points)
    return max(np.percentile(away.min(axis=1), 95), np.percentile(away.min(axis=0), 95))


@pytest.mark.parametrize(
    ("shape", "spacing"), [((24, 30), (1.0, 1.0)), ((24, 30), (0.7, 2.5)), ((12, 14, 10), (1.0, 0.5, 3.0))]
)
@pytest.mark.parametrize("seed", [0, 1])
def test_an_outline_is_scored_as_the_slow_way_does(
    shape: tuple[int, ...], spacing: tuple[float, ...], seed: int
) -> None:
    ours, theirs = blob(seed, shape), blob(seed + 10, shape)
    dice, iou, distance = outline_scores(ours, theirs, spacing)
    assert dice == pytest.approx(f1_score(theirs.ravel(), ours.ravel()))
    assert iou == pytest.approx(jaccard_score(theirs.ravel(), ours.ravel()))
    assert distance == pytest.approx(slow_hd95(ours, theirs, spacing))


def test_a_shift_is_as_far_as_it_is_wide_in_mm() -> None:
    mask = np.zeros((20, 20), bool)
    mask[5:12, 5:12] = True
    assert hd95(mask, np.roll(mask, 3, axis=1), (1.0, 0.5)) == pytest.approx(1.5)
    assert outline_scores(mask, mask, (1.0, 1.0)) == (1.0, 1.0, 0.0)


def test_what_neither_has_is_left_out_and_what_one_lacks_has_no_overlap() -> None:
    empty, full = np.zeros((8, 8), int), np.zeros((8, 8), int)
    full[2:5, 2:5] = 1
    measures = segmentation([empty, empty, full], [empty, full, full], ("organ",), (1.0, 1.0))
    found = measure_summed({"student": measures}, ["a", "b", "c"], repeats=100)
    assert found.value("dice", "student").value == pytest.approx(0.5)
    assert found.value("hd95_mm", "student").value == 0.0


def test_classes_are_told_apart_and_averaged_within_an_image() -> None:
    truth = np.zeros((10, 10), int)
    truth[:4, :4], truth[6:, 6:] = 1, 2
    ours = truth.copy()
    ours[6:, 8:] = 0
    evidence = measure_summed(
        {"student": segmentation([ours], [truth], ("head", "tail"), (1.0, 1.0))}, ["a"], repeats=100
    )
    values = {metric.name: metric.value for metric in evidence.metrics}
    assert values["dice/class:head"] == 1.0
    assert values["dice/class:tail"] == pytest.approx(2 * 8 / (8 + 16))
    assert values["dice"] == pytest.approx((1 + 2 / 3) / 2)


@pytest.mark.parametrize(
    ("shape", "spacing", "line"),
    [
        ((4, 5), (1.0, 1.0), "image 0: a prediction of shape"),
        ((4, 4), (1.0, 0.0), "a size in mm above 0 for each axis"),
        ((4, 4), (1.0, 1.0, 1.0), r"spacing of shape \(3,\) with images of 2 axes"),
    ],
)
def test_what_does_not_fit_is_refused(shape: tuple[int, ...], spacing: tuple[float, ...], line: str) -> None:
    with pytest.raises(DataError, match=line):
        segmentation([np.zeros(shape, int)], [np.zeros((4, 4), int)], ("organ",), spacing)


def test_real_outlines_moved_by_a_voxel_are_a_voxel_away() -> None:
    arrays = np.load(shared_data("hippocampus_seg") / "hippocampus.npz", allow_pickle=False)
    mask = arrays[next(name for name in arrays.files if name.startswith("label_"))] > 0
    moved = np.roll(mask, 1, axis=0)
    dice, iou, distance = outline_scores(moved, mask, (1.0, 1.0, 1.0))
    assert distance == pytest.approx(slow_hd95(moved, mask, (1.0, 1.0, 1.0))) == 1.0
    assert iou == pytest.approx(dice / (2 - dice))
