"""Pneumonia in chest X-rays of children: PneumoniaMNIST of MedMNIST v2."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Literal

import numpy as np

from stillroom.data.bedside.arrays import as_image, read_arrays
from stillroom.data.bedside.settings import FolderSettings
from stillroom.types import Source, Split
from stillroom.types.cases import Case, Cohort, Head

SIZE = 28
_FILE = "pneumoniamnist.npz"
_GIVEN: tuple[tuple[str, Split], ...] = (("test", "test"), ("val", "validation"), ("train", "train"))

SOURCE = Source(
    name="PneumoniaMNIST (MedMNIST v2)",
    version="2",
    licence="CC-BY-4.0",
    url="https://medmnist.com",
    citation="Yang et al. 2023, Scientific Data 10:41; Kermany et al. 2018, Cell 172(5).",
)


class PneumoniaMnistSettings(FolderSettings):
    """Chest X-rays of children, 28 × 28 grey levels, and whether they show pneumonia."""

    task: Literal["pneumonia"]


def build(settings: PneumoniaMnistSettings) -> Cohort:
    """Read images as grey levels from 0 to 255 on the split that is given.

    No patients are published with them, so what may not cross splits is the picture itself: a training image that
    equals one of another split is left out, and counted.

    Raises:
        DataError: the file or an array is missing, or an image has another size.
    """
    names = [f"{given}_{what}" for given, _ in _GIVEN for what in ("images", "labels")]
    arrays = read_arrays(settings.folder / _FILE, names)
    splits: dict[Split, tuple[Case, ...]] = {}
    dropped: Counter[str] = Counter()
    home: dict[str, Split] = {}
    for given, split in _GIVEN:
        cases = []
        labels = arrays[f"{given}_labels"].reshape(-1)
        for number, (pixels, label) in enumerate(zip(arrays[f"{given}_images"], labels, strict=True)):
            picture = hashlib.sha256(pixels.tobytes()).hexdigest()
            if home.setdefault(picture, split) != split:
                dropped[f"{split} image equal to one in {home[picture]}"] += 1
                continue
            name = f"pneumoniamnist/{given}/{number}"
            image, target = as_image(pixels, SIZE, name), np.asarray(label, dtype=np.int64)
            cases.append(Case(name, picture, {"image": image}, target))
        splits[split] = tuple(cases)
    return Cohort(
        name="pneumoniamnist",
        sources=(SOURCE,),
        head=Head("classes", ("normal", "pneumonia")),
        channels={"image": ("grey",)},
        splits=splits,
        dropped=dict(dropped),
        mended={},
        split_rule="as published with the data, which tells no patients",
    )
