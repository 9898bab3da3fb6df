"""Kinds of blood cells in stained smears: the BCCD data set, cut into single cells."""

from __future__ import annotations

from typing import Literal

import numpy as np

from stillroom.data.bedside.arrays import as_image, read_arrays
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import GIVEN
from stillroom.types import SPLITS, Source
from stillroom.types.cases import Case, Cohort, Head

SIZE = 32
_FILE = "cells32.npz"

SOURCE = Source(
    name="BCCD",
    version="d272fb1",
    licence="MIT",
    url="https://github.com/Shenggan/BCCD_Dataset",
    citation="Shenggan 2017, BCCD Dataset.",
)


class BccdSettings(FolderSettings):
    """Single cells, 32 × 32 pixels in colour, and their kind; red cells are eleven times as many as the others."""

    task: Literal["blood_cells"]


def build(settings: BccdSettings) -> Cohort:
    """Read cells as levels from 0 to 255, split by photograph as it is given.

    Raises:
        DataError: the file or an array is missing, or an image has another size.
    """
    arrays = read_arrays(settings.folder / _FILE, ("images", "labels", "image_id", "split"))
    # Cells of one photograph are one group; of two photographs of one slide nothing is known.
    cases = [
        Case(
            f"bccd/{number}",
            f"photograph {arrays['image_id'][number]}",
            {"image": as_image(pixels, SIZE, f"bccd/{number}")},
            np.asarray(arrays["labels"][number], dtype=np.int64),
        )
        for number, pixels in enumerate(arrays["images"])
    ]
    home = [GIVEN[str(name)] for name in arrays["split"]]
    return Cohort(
        name="bccd",
        sources=(SOURCE,),
        head=Head("classes", ("red cell", "white cell", "platelet")),
        channels={"image": ("red", "green", "blue")},
        splits={
            split: tuple(case for case, of in zip(cases, home, strict=True) if of == split)
            for split in SPLITS
        },
        dropped={},
        mended={},
        split_rule="as published with the data: by photograph",
    )
