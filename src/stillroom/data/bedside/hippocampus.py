"""Outlines of the hippocampus in magnetic resonance images, slice by slice: Medical Segmentation Decathlon, task 4."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.arrays import read_arrays
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import GIVEN
from stillroom.types import DataError, Source, Split
from stillroom.types.cases import UNKNOWN, Case, Cohort, Head

FRAME = (64, 48)
"""Height and width that every slice is laid into; the largest volume has slices of 59 × 47 pixels."""

SPACING_MM = (1.0, 1.0, 1.0)
_FILE = "hippocampus.npz"

SOURCE = Source(
    name="Medical Segmentation Decathlon, task 4 (hippocampus), 260 volumes",
    version="895fee6",
    licence="CC-BY-SA-4.0",
    url="http://medicaldecathlon.com",
    citation="Simpson et al. 2019, arXiv:1902.09063; Antonelli et al. 2022, Nature Communications 13:4128.",
)


class HippocampusSettings(FolderSettings):
    """Sagittal slices of cropped magnetic resonance images, and which part of the hippocampus each pixel belongs to."""

    task: Literal["hippocampus"]
    train_every: int = Field(
        default=3,
        ge=1,
        description="of a training volume every so many slices are learned from; others are whole",
    )


def build(settings: HippocampusSettings) -> Cohort:
    """Read slices, each with its two neighbours, as grey levels from 0 to 255; split by patient as it is given.

    A slice lies at the top left of its frame. Outside the volume nothing was measured, and the truth is not known.

    Raises:
        DataError: the file or an array is missing, or a volume and its outline do not fit each other or the frame.
    """
    path = settings.folder / _FILE
    about = read_arrays(path, ("ids", "split"))
    numbers = [f"{number:03d}" for number in about["ids"]]
    arrays = read_arrays(path, [f"{what}_{number}" for number in numbers for what in ("image", "label")])
    splits: dict[Split, list[Case]] = {split: [] for split in GIVEN.values()}
    for number, given in zip(numbers, about["split"], strict=True):
        split = GIVEN[str(given)]
        step = settings.train_every if split == "train" else 1
        slices = _slices(number, arrays[f"image_{number}"], arrays[f"label_{number}"])
        splits[split] += list(slices)[::step]
    return Cohort(
        name="hippocampus",
        sources=(SOURCE,),
        head=Head("classes", ("background", "anterior", "posterior")),
        channels={"image": ("slice before", "slice", "slice after")},
        splits={split: tuple(cases) for split, cases in splits.items()},
        dropped={},
        mended={},
        split_rule="as given with the data: by patient",
    )


def _slices(number: str, image: NDArray[Any], label: NDArray[Any]) -> Iterator[Case]:
    if image.shape != label.shape or image.ndim != 3 or np.any(np.array(image.shape[1:]) > FRAME):
        raise DataError(
            f"volume {number} of shape {image.shape} with an outline of {label.shape}",
            f"equal shapes, and slices of at most {FRAME} pixels",
            "take the file as it is given",
        )
    depth, height, width = image.shape
    pixels = np.full((depth + 2, *FRAME), np.nan, dtype=np.float32)
    pixels[1:-1, :height, :width] = image
    truth = np.full((depth, *FRAME), UNKNOWN, dtype=np.int64)
    truth[:, :height, :width] = label
    for at in range(depth):
        neighbours = np.ascontiguousarray(np.moveaxis(pixels[at : at + 3], 0, -1))
        yield Case(f"hippocampus/{number}/{at}", f"volume {number}", {"image": neighbours}, truth[at])
