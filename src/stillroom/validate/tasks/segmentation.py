"""Outlines: overlap, and how far apart the surfaces lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError, MissingExtraError
from stillroom.validate.statistics.bootstrap import ratio
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Summed

Mask = NDArray[np.bool_]


def segmentation(
    predicted: Sequence[NDArray[Any]],
    truth: Sequence[NDArray[Any]],
    classes: Sequence[str],
    spacing_mm: Sequence[float] | Sequence[Sequence[float]],
) -> list[Summed]:
    """Measures of segmented images: means over images of Dice, IoU and HD95, of each class and of all.

    A class that neither outline has is right and left out; one that only one of them has gets Dice 0 and no distance.
    The figures of all are means over the classes of an image, then over images.

    Args:
        predicted: label maps of whole numbers, 0 for background, each of any shape in 2 or 3 dimensions.
        truth: the same of the annotator.
        classes: names of the labels 1, 2, …
        spacing_mm: size of a pixel or voxel along each axis, of all images or of each.

    Raises:
        DataError: a pair differs in shape, or spacing does not fit.
        MissingExtraError: SciPy is not installed.
    """
    sizes = _spacings(spacing_mm, truth)
    scores = np.full((len(truth), len(classes), 3), np.nan)
    for at, (ours, theirs, size) in enumerate(zip(predicted, truth, sizes, strict=True)):
        if ours.shape != theirs.shape:
            raise DataError(
                f"image {at}: a prediction of shape {ours.shape} for {theirs.shape}",
                "equal shapes",
                "resample it",
            )
        for label in range(len(classes)):
            scores[at, label] = outline_scores(ours == label + 1, theirs == label + 1, size)
    figures = []
    for column, name in enumerate(("dice", "iou", "hd95_mm")):
        of_all = scores[:, :, column]
        figures.append(_mean(name, _row_means(of_all), ""))
        if len(classes) > 1:
            figures += [_mean(name, of_all[:, at], f"class:{label}") for at, label in enumerate(classes)]
    return figures


def outline_scores(ours: Mask, theirs: Mask, spacing_mm: Sequence[float]) -> tuple[float, float, float]:
    """Dice, IoU and HD95 of one outline; not numbers where neither is there, HD95 neither where one is missing.

    >>> square = np.zeros((5, 5), bool)
    >>> square[1:3, 1:3] = True
    >>> outline_scores(square, np.roll(square, 1, axis=1), (1.0, 1.0))
    (0.5, 0.3333333333333333, 1.0)
    """
    both, total = int((ours & theirs).sum()), int(ours.sum() + theirs.sum())
    if total == 0:
        return float("nan"), float("nan"), float("nan")
    distance = hd95(ours, theirs, spacing_mm) if ours.any() and theirs.any() else float("nan")
    return 2 * both / total, both / (total - both), distance


def hd95(ours: Mask, theirs: Mask, spacing_mm: Sequence[float]) -> float:
    """95th percentile of the distances from each surface to the other, the larger of both directions, in mm.

    A surface is the pixels of an outline with a neighbour, along an axis, that is not of it. Distances are exact
    (Euclidean distance transform) and count the spacing.

    Source: Huttenlocher et al. 1993, doi:10.1109/34.232073; percentile by direction as in Maier-Hein et al. 2024,
    doi:10.1038/s41592-023-02151-z.
    """
    ndimage = _ndimage()
    edges = [mask & ~ndimage.binary_erosion(mask, border_value=0) for mask in (ours, theirs)]
    away = [ndimage.distance_transform_edt(~edge, sampling=tuple(spacing_mm)) for edge in edges]
    return float(max(np.percentile(away[1][edges[0]], 95), np.percentile(away[0][edges[1]], 95)))


def _spacings(
    spacing_mm: Sequence[float] | Sequence[Sequence[float]], truth: Sequence[NDArray[Any]]
) -> list[tuple[float, ...]]:
    given = np.asarray(spacing_mm, dtype=np.float64)
    rows = np.broadcast_to(given, (len(truth), given.shape[-1]))
    if not (rows > 0).all() or any(len(row) != image.ndim for row, image in zip(rows, truth, strict=True)):
        raise DataError(
            f"spacing of shape {given.shape} with images of {truth[0].ndim} axes",
            "a size in mm above 0 for each axis",
            "give the spacing of the file's header, in the order of the array's axes",
        )
    return [tuple(row.tolist()) for row in rows]


def _mean(name: str, values: Array, part: str) -> Summed:
    there = np.isfinite(values)
    columns = np.stack([np.where(there, values, 0.0), there.astype(np.float64)], axis=1)
    return Summed(name, columns, ratio, "free" if name == "hd95_mm" else "share", part=part)


def _row_means(values: Array) -> Array:
    there = np.isfinite(values)
    total, many = np.where(there, values, 0.0).sum(axis=1), there.sum(axis=1)
    return np.asarray(np.divide(total, many, out=np.full(len(values), np.nan), where=many > 0))


def _ndimage() -> Any:
    try:
        from scipy import ndimage
    except ImportError as error:
        raise MissingExtraError.of("scipy", "evaluate") from error
    return ndimage
