"""Premature ventricular contractions in the electrocardiogram: beats of the MIT-BIH Arrhythmia Database."""

from __future__ import annotations

from typing import Literal

import numpy as np

from stillroom.data.bedside.arrays import read_arrays
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import GIVEN
from stillroom.types import SPLITS, DataError, Source
from stillroom.types.cases import Case, Cohort, Head

SAMPLES = 288
MILLIVOLTS_PER_STEP = 1 / 200
_FILE = "beats.npz"

SOURCE = Source(
    name="MIT-BIH Arrhythmia Database, 12 records",
    version="1.0.0",
    licence="ODC-BY-1.0",
    url="https://physionet.org/content/mitdb/1.0.0/",
    citation="Moody and Mark 2001, IEEE EMB 20(3); Goldberger et al. 2000, Circulation 101(23).",
)


class MitBihSettings(FolderSettings):
    """Single beats of 0.8 s at 360 Hz, the interval before each, and whether it comes from a ventricle too early."""

    task: Literal["pvc_beats"]


def build(settings: MitBihSettings) -> Cohort:
    """Read beats in millivolts and the interval before each in seconds, split by patient as it is given.

    Raises:
        DataError: the file or an array is missing, or beats have another length.
    """
    arrays = read_arrays(settings.folder / _FILE, ("signal", "label", "record", "rr_prev_s", "split"))
    signal = arrays["signal"]
    if signal.shape[1:] != (SAMPLES,):
        raise DataError(
            f"beats of {signal.shape[1:]} samples",
            f"{SAMPLES} samples at 360 Hz",
            "take the file as it is given",
        )
    waves = (signal.astype(np.float32) * np.float32(MILLIVOLTS_PER_STEP))[..., None]
    cases = [
        Case(
            f"mitbih/{number}",
            f"record {arrays['record'][number]}",
            {"wave": wave, "interval": arrays["rr_prev_s"][number : number + 1].astype(np.float32)},
            np.asarray(arrays["label"][number], dtype=np.int64),
            keys={"record": str(arrays["record"][number])},
        )
        for number, wave in enumerate(waves)
    ]
    home = [GIVEN[str(name)] for name in arrays["split"]]
    return Cohort(
        name="mitbih",
        sources=(SOURCE,),
        head=Head("classes", ("other beat", "ventricular")),
        channels={"wave": ("first lead, mV",), "interval": ("interval before, s",)},
        splits={
            split: tuple(case for case, of in zip(cases, home, strict=True) if of == split)
            for split in SPLITS
        },
        dropped={},
        mended={},
        split_rule="as given with the data: by patient",
    )
