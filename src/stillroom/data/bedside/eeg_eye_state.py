"""Eyes open or closed, from one person's electroencephalogram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.settings import FolderSettings
from stillroom.types import SPLITS, Source, Split
from stillroom.types.cases import Case, Cohort, Head

CHANNELS = ("AF3", "F7", "F3", "FC5", "T7", "P7", "O1", "O2", "P8", "T8", "FC6", "F4", "F8", "AF4")
HERTZ = 128
_POSSIBLE = (3000.0, 6000.0)
"""Readings outside are faults of a sensor: a quiet one reads about 4,300."""
_SPLITS: dict[int, Split] = {7: "validation", 8: "test", 9: "test"}
_FILE = "eeg_eye_state.csv.gz"

SOURCE = Source(
    name="EEG Eye State",
    version="UCI 264",
    licence="CC-BY-4.0",
    url="https://doi.org/10.24432/C57G7J",
    citation="Roesler 2013, EEG Eye State, UCI Machine Learning Repository.",
)


class EegEyeStateSettings(FolderSettings):
    """Windows of 14 channels at 128 Hz, and whether the eyes are closed at their end; one person, 117 seconds."""

    task: Literal["eye_state"]
    window: int = Field(default=128, ge=8, le=1024, description="samples of a window; 128 are a second")
    step: int = Field(default=16, ge=1, description="samples from one window to the next")


def build(settings: EegEyeStateSettings) -> Cohort:
    """Cut ten blocks of time into windows: blocks 0 to 6 to learn from, 7 to choose by, 8 and 9 to test on.

    A window lies within one block. Neighbouring samples are nearly equal, so that windows drawn at random would be in
    training and test at once. Faults of a sensor are taken for missing, and counted.

    Raises:
        DataError: the file or a column is missing.
        MissingExtraError: PyArrow is absent.
    """
    names: dict[str, type[np.generic]] = dict.fromkeys(CHANNELS, np.float64)
    columns = read_columns(settings.folder / _FILE, {**names, "eyeDetection": np.int64, "block": np.int64})
    signal = np.stack([columns[name] for name in CHANNELS], -1)
    low, high = _POSSIBLE
    fault = (signal < low) | (signal > high)
    signal = np.where(fault, np.nan, signal).astype(np.float32)
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    for block in np.unique(columns["block"]).tolist():
        mine = columns["block"] == block
        split = _SPLITS.get(block, "train")
        cases[split] += _windows(block, signal[mine], columns["eyeDetection"][mine], settings)
    return Cohort(
        name="eeg_eye_state",
        sources=(SOURCE,),
        head=Head("classes", ("open", "closed")),
        channels={"wave": CHANNELS},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped={},
        mended={"reading of a faulty sensor, taken for missing": int(fault.sum())} if fault.any() else {},
        split_rule="by blocks of time of one person",
    )


def _windows(
    block: int, signal: NDArray[np.float32], closed: NDArray[Any], settings: EegEyeStateSettings
) -> Iterator[Case]:
    for end in range(settings.window, len(signal) + 1, settings.step):
        yield Case(
            f"eeg_eye_state/{block}/{end}",
            f"block {block}",
            {"wave": signal[end - settings.window : end]},
            np.asarray(closed[end - 1], dtype=np.int64),
        )
