"""Heart disease in four hospitals: the UCI set, one of whose sites may be held out whole."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import RULE, split_of
from stillroom.types import SPLITS, DataError, Source, Split, did_you_mean
from stillroom.types.cases import Case, Cohort, Head

_FILE = "heart_disease.csv.gz"
_RANGES = {
    "age": (15, 110),
    "trestbps": (50, 260),
    "chol": (60, 700),
    "thalach": (50, 230),
    "oldpeak": (-5, 10),
    "ca": (0, 3),
    "sex": (0, 1),
    "fbs": (0, 1),
    "exang": (0, 1),
}
_CATEGORIES = {"cp": (1, 2, 3, 4), "restecg": (0, 1, 2), "slope": (1, 2, 3), "thal": (3, 6, 7)}
CHANNELS = (*_RANGES, *(f"{name}={value}" for name, values in _CATEGORIES.items() for value in values))

SOURCE = Source(
    name="UCI Heart Disease",
    version="1988",
    licence="CC-BY-4.0",
    url="https://archive.ics.uci.edu/dataset/45/heart+disease",
    citation="Janosi, Steinbrunn, Pfisterer, Detrano 1988, doi:10.24432/C52P4X.",
)


class HeartDiseaseSettings(FolderSettings):
    """Thirteen findings of patients of four hospitals, and whether a coronary vessel is narrowed."""

    task: Literal["heart_disease"]
    held_out: str | None = Field(
        default=None, description="site that is the whole test split; null: patients of all sites, by hash"
    )
    validation_share: float = Field(default=0.2, gt=0, lt=1, description="of patients, by hash")
    test_share: float = Field(default=0.2, gt=0, lt=1, description="of patients where no site is held out")


def build(settings: HeartDiseaseSettings) -> Cohort:
    """Read patients as one row of findings each.

    What is out of range, a cholesterol or a pressure of 0 among it, is taken for missing; so is a category that the set
    does not describe. Both are counted. A row is a patient: the set has no identifiers beyond it.

    Raises:
        DataError: the file or a column is missing, or there is no such site.
        MissingExtraError: PyArrow is absent.
    """
    wanted = {"site": np.str_, "row": np.int64, "num": np.float64}
    columns = read_columns(
        settings.folder / _FILE, wanted | dict.fromkeys((*_RANGES, *_CATEGORIES), np.float64)
    )
    sites = _names(columns["site"])
    if settings.held_out is not None and settings.held_out not in sites:
        raise DataError(
            f"data.held_out = {settings.held_out!r}", "a site", did_you_mean(settings.held_out, sites)
        )
    mended: Counter[str] = Counter()
    parts = [_possible(name, columns[name], mended) for name in _RANGES]
    parts += [_one_hot(name, columns[name], mended) for name in _CATEGORIES]
    table = np.concatenate(parts, axis=1)
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    for site, row, found, num in zip(columns["site"], columns["row"], table, columns["num"], strict=True):
        patient = f"{site}/{row}"
        case = Case(
            id=f"heart_disease/{patient}",
            group=patient,
            inputs={"static": found},
            target=np.asarray(num > 0, dtype=np.int64),
            keys={"site": str(site), "sex": "male" if found[CHANNELS.index("sex")] == 1 else "female"},
        )
        cases[_split(settings, str(site), patient)].append(case)
    rule = (
        RULE if settings.held_out is None else f"by site: {settings.held_out} is the test; the others {RULE}"
    )
    return Cohort(
        name="heart_disease",
        sources=(SOURCE,),
        head=Head("classes", ("no disease", "disease")),
        channels={"static": CHANNELS},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped={},
        mended=dict(mended),
        split_rule=rule,
    )


def sites_of(settings: HeartDiseaseSettings) -> list[str]:
    """Names of the hospitals, sorted.

    Raises:
        DataError: the file or its column is missing.
    """
    return _names(read_columns(settings.folder / _FILE, {"site": np.str_})["site"])


def _names(sites: NDArray[np.str_]) -> list[str]:
    return sorted(set(sites.tolist()))


def _split(settings: HeartDiseaseSettings, site: str, patient: str) -> Split:
    if settings.held_out is None:
        return split_of(patient, settings.validation_share, settings.test_share)
    return "test" if site == settings.held_out else split_of(patient, settings.validation_share, 0.0)


def _possible(name: str, values: NDArray[np.float64], mended: Counter[str]) -> NDArray[np.float32]:
    low, high = _RANGES[name]
    wrong = (values < low) | (values > high)
    if wrong.any():
        mended[f"{name}: out of range, taken for missing"] += int(wrong.sum())
    kept: NDArray[np.float32] = np.where(wrong, np.nan, values).astype(np.float32)
    return kept[:, None]


def _one_hot(name: str, values: NDArray[np.float64], mended: Counter[str]) -> NDArray[np.float32]:
    """One column for each category; all missing where the value is, or is none of them."""
    known = np.asarray(_CATEGORIES[name])
    unseen = np.isfinite(values) & ~np.isin(values, known)
    if unseen.any():
        mended[f"{name}: unseen category, taken for missing"] += int(unseen.sum())
    marks: NDArray[np.float32] = (values[:, None] == known).astype(np.float32)
    marks[~np.isin(values, known)] = np.nan
    return marks
