"""Death, kidney injury, sepsis and length of stay in two databases of intensive care: the demo cohorts of YAIB.

Students learn from eICU. They are tested on stays of eICU that they have not seen, and on all of MIMIC-III: the gap
between the two is a subgroup's gap of the key ``database``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from stillroom.data.bedside.columns import read_columns
from stillroom.data.bedside.settings import FolderSettings
from stillroom.data.bedside.splitting import RULE, split_of
from stillroom.data.bedside.vitals import VITALS, Vital, possible
from stillroom.data.bedside.windows import known_at
from stillroom.types import SPLITS, DataError, Source, Split
from stillroom.types.cases import Case, Cohort, Head

YAIB_VITALS: Mapping[str, Vital] = {
    "alb": VITALS["Albumin"],
    "alp": VITALS["ALP"],
    "alt": VITALS["ALT"],
    "ast": VITALS["AST"],
    "be": Vital("mmol/L", -40, 40),
    "bicar": VITALS["HCO3"],
    "bili": VITALS["Bilirubin"],
    "bili_dir": Vital("mg/dL", 0, 60),
    "bnd": Vital("%", 0, 100),
    "bun": VITALS["BUN"],
    "ca": Vital("mg/dL", 2, 25, ((4.008, 0.0),)),
    "cai": Vital("mmol/L", 0.2, 4),
    "ck": Vital("IU/L", 1, 300000),
    "ckmb": Vital("ng/mL", 0, 2000),
    "cl": Vital("mmol/L", 50, 170),
    "crea": VITALS["Creatinine"],
    "crp": Vital("mg/L", 0, 700),
    "dbp": VITALS["DiasABP"],
    "fgn": Vital("mg/dL", 20, 2000),
    "fio2": Vital("%", 20, 100, ((100.0, 0.0),)),
    "glu": VITALS["Glucose"],
    "hgb": Vital("g/dL", 2, 25),
    "hr": VITALS["HR"],
    "inr_pt": Vital("ratio", 0.5, 30),
    "k": VITALS["K"],
    "lact": VITALS["Lactate"],
    "lymph": Vital("%", 0, 100),
    "map": VITALS["MAP"],
    "mch": Vital("pg", 10, 60),
    "mchc": Vital("%", 15, 50),
    "mcv": Vital("fL", 40, 160),
    "methb": Vital("%", 0, 100),
    "mg": Vital("mg/dL", 0.3, 20),
    "na": VITALS["Na"],
    "neut": Vital("%", 0, 100),
    "o2sat": VITALS["SaO2"],
    "pco2": VITALS["PaCO2"],
    "ph": VITALS["pH"],
    "phos": Vital("mg/dL", 0.2, 20),
    "plt": VITALS["Platelets"],
    "po2": VITALS["PaO2"],
    "ptt": Vital("s", 10, 250),
    "resp": VITALS["RespRate"],
    "sbp": VITALS["SysABP"],
    "temp": VITALS["Temp"],
    "tnt": VITALS["TroponinT"],
    "urine": VITALS["Urine"],
    "wbc": VITALS["WBC"],
}
"""In the order of the channels; units are those of ricu, which YAIB reads through."""

STATIC = ("age", "male", "height_cm", "weight_kg")
_STATIC_RANGES = {"age": (15, 120), "height": (100, 230), "weight": (20, 400)}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is asked.

    Attributes:
        file: how its files begin.
        head: classes, or a number.
        hourly: whether every hour of a stay has a label, or a stay one.
        per_unit: what labels are divided by, to be in the unit of the head.
    """

    file: str
    head: Head
    hourly: bool = True
    per_unit: float = 1.0

    @property
    def label(self) -> type[np.generic]:
        """Type of a label in the file."""
        return np.int64 if self.head.kind == "classes" else np.float64

    def target(self, label: float) -> NDArray[Any]:
        """The truth of a case."""
        if self.head.kind == "classes":
            return np.asarray(label, dtype=np.int64)
        return np.array([label / self.per_unit], dtype=np.float32)


_OUTCOMES: Mapping[str, _Outcome] = {
    "yaib_mortality": _Outcome("mortality24", Head("classes", ("survived", "died")), hourly=False),
    "yaib_aki": _Outcome("aki", Head("classes", ("no kidney injury", "kidney injury"))),
    "yaib_sepsis": _Outcome("sepsis", Head("classes", ("no sepsis", "sepsis"))),
    "yaib_length_of_stay": _Outcome("los", Head("values", ("remaining days",)), per_unit=24.0),
}
_HOUR_SECONDS = 3600
HOME, ABROAD = "eicu_demo", "mimic_demo"

SOURCE = Source(
    name="YAIB demo cohorts of eICU 2.0.1 and MIMIC-III 1.4",
    version="4989502",
    licence="ODbL-1.0",
    url="https://github.com/rvandewater/YAIB",
    citation="van de Water et al. 2024, Yet Another ICU Benchmark (ICLR); Johnson et al. 2019; Pollard et al. 2021.",
)

Columns = Mapping[str, NDArray[Any]]


class YaibSettings(FolderSettings):
    """One outcome of the YAIB demo cohorts: of the first day, or asked again and again within a stay.

    Of the length of stay the days that remain are asked; YAIB follows stays for 168 hours and calls more than that 168.
    """

    task: Literal["yaib_mortality", "yaib_aki", "yaib_sepsis", "yaib_length_of_stay"]
    window_hours: int = Field(default=24, ge=1, le=168, description="hours before that are read")
    every_hours: int = Field(
        default=6,
        ge=1,
        description="of outcomes that have a label every hour, hours from one question to the next",
    )
    validation_share: float = Field(default=0.2, gt=0, lt=1, description="of eICU's stays, by hash")
    test_share: float = Field(default=0.25, gt=0, lt=1, description="of eICU's stays, by hash")


def build(settings: YaibSettings) -> Cohort:
    """Read the stays of both databases; those of MIMIC-III are all in the test split.

    The demo tables name no patients, so a stay is a group: two stays of one patient of eICU may be in two splits, and
    nothing in the tables could show it. Values of another unit are converted, impossible ones are taken for missing,
    and a question with nothing to read is left out; all are counted.

    Raises:
        DataError: a file or a column is missing, or a stay has labels but no measurements.
        MissingExtraError: PyArrow is absent.
    """
    mended: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    cases: dict[Split, list[Case]] = {split: [] for split in SPLITS}
    for database in (HOME, ABROAD):
        for case in _cases(settings, database, mended):
            if not np.isfinite(case.inputs["series"]).any():
                dropped["no measurement in the hours before"] += 1
                continue
            at_home = database == HOME
            home = split_of(case.group, settings.validation_share, settings.test_share) if at_home else "test"
            cases[home].append(case)
    return Cohort(
        name=settings.task,
        sources=(SOURCE,),
        head=_OUTCOMES[settings.task].head,
        channels={"series": tuple(YAIB_VITALS), "static": STATIC},
        splits={split: tuple(of) for split, of in cases.items()},
        dropped=dict(dropped),
        mended=dict(mended),
        split_rule=f"of eICU {RULE.replace('patient', 'stay')}; MIMIC-III is in the test whole",
    )


def _cases(settings: YaibSettings, database: str, mended: Counter[str]) -> Iterator[Case]:
    stays, series = _series(_path(settings, database, "dyn"), mended)
    static, sex = _static(_path(settings, database, "sta"), mended)
    for stay, hour, label in _questions(settings, database):
        if stay not in stays or stay not in static:
            raise DataError(
                f"stay {stay} of {database} has a label, but no measurements or no descriptors",
                "the three tables of one cohort",
                "take the files as their source gives them",
            )
        name = f"{database}/{stay}"
        yield Case(
            id=f"yaib/{name}@{hour}",
            group=name,
            inputs={
                "series": known_at(series[stays[stay]], hour, settings.window_hours),
                "static": static[stay],
            },
            target=_OUTCOMES[settings.task].target(label),
            keys={"database": database, "sex": sex[stay]},
        )


def _questions(settings: YaibSettings, database: str) -> Iterator[tuple[int, int, float]]:
    """Stay, hours that may be read, and label of each question."""
    path, outcome = _path(settings, database, "outc"), _OUTCOMES[settings.task]
    wanted: dict[str, type[np.generic]] = {"stay_id": np.int64, "label": outcome.label}
    if not outcome.hourly:
        columns = read_columns(path, wanted)
        for stay, label in zip(columns["stay_id"].tolist(), columns["label"].tolist(), strict=True):
            yield stay, settings.window_hours, label
        return
    columns = read_columns(path, wanted | {"time": np.int64})
    hours = columns["time"] // _HOUR_SECONDS
    asked = hours % settings.every_hours == 0
    rows = (columns["stay_id"][asked], hours[asked], columns["label"][asked])
    for stay, hour, label in zip(*(row.tolist() for row in rows), strict=True):
        yield stay, hour + 1, label  # the label of an hour is asked at its end


def _series(path: Path, mended: Counter[str]) -> tuple[dict[int, int], list[NDArray[np.float32]]]:
    """Place of each stay, and its hours."""
    wanted: dict[str, type[np.generic]] = {"stay_id": np.int64, "time": np.int64}
    columns = read_columns(path, wanted | dict.fromkeys(YAIB_VITALS, np.float64))
    table = np.empty((len(columns["stay_id"]), len(YAIB_VITALS)), dtype=np.float32)
    for at, (name, vital) in enumerate(YAIB_VITALS.items()):
        table[:, at], account = possible(name, columns[name], vital)
        mended.update(account)
    names, place = np.unique(columns["stay_id"], return_inverse=True)
    hours = columns["time"] // _HOUR_SECONDS
    lengths = np.zeros(len(names), dtype=np.int64)
    np.maximum.at(lengths, place, hours + 1)
    series = [np.full((length, len(YAIB_VITALS)), np.nan, dtype=np.float32) for length in lengths]
    for stay, hour, row in zip(place, hours, table, strict=True):
        series[stay][hour] = row
    return {int(name): at for at, name in enumerate(names)}, series


def _static(path: Path, mended: Counter[str]) -> tuple[dict[int, NDArray[np.float32]], dict[int, str]]:
    """Descriptors and sex of each stay; missing where not possible."""
    wanted: dict[str, type[np.generic]] = {"stay_id": np.int64, "sex": np.str_}
    columns = read_columns(path, wanted | dict.fromkeys(_STATIC_RANGES, np.float64))
    found = {}
    for name, (low, high) in _STATIC_RANGES.items():
        wrong = (columns[name] < low) | (columns[name] > high)
        if wrong.any():
            mended[f"{name}: out of range, taken for missing"] += int(wrong.sum())
        found[name] = np.where(wrong, np.nan, columns[name])
    sexes = [sex.lower() if sex in {"Female", "Male"} else "unknown" for sex in columns["sex"].tolist()]
    male = np.array([{"male": 1.0, "female": 0.0}.get(sex, np.nan) for sex in sexes])
    rows = np.stack([found["age"], male, found["height"], found["weight"]], axis=1).astype(np.float32)
    stays = columns["stay_id"].tolist()
    return dict(zip(stays, rows, strict=True)), dict(zip(stays, sexes, strict=True))


def _path(settings: YaibSettings, database: str, part: str) -> Path:
    return settings.folder / f"{_OUTCOMES[settings.task].file}.{database}.{part}.parquet"
