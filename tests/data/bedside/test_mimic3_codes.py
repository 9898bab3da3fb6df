"""Made tables in the documented columns of MIMIC-III; the real ones are nobody's to pass on."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from stillroom.data.bedside.mimic3_codes import Mimic3CodesSettings
from stillroom.data.bedside.tasks import read
from stillroom.types import DataError
from text_cases import write_encoder

NOTES = ("ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME", "CATEGORY", "DESCRIPTION")
NOTES += ("CGID", "ISERROR", "TEXT")
CODES = ("ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE")


def write_tables(folder: Path, patients: int = 120) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    notes, codes = [], []
    for patient in range(patients):
        stay, heart = 1000 + patient, patient % 2
        text = (
            f"old {'heart' if heart else 'skin'} {'pain ' * (patient // 2 % 9)}new {'a ' * (patient // 18)}"
        )
        notes.append(note(patient, stay, "Discharge summary", text))
        notes.append(note(patient, stay, "Nursing", "pills"))
        codes += [(patient, stay, code) for code in (["4280", "4019"] if heart else ["70709"])]
    notes.append(note(0, 1000, "Discharge summary", "pills", is_error="1"))
    notes.append(note(1, 9999, "Discharge summary", "a stay without codes"))
    codes.append((2, 1002, "V1000"))  # of one stay: no split but one has it
    write(folder / "NOTEEVENTS.csv", NOTES, notes)
    rows = [(at, patient, stay, 1, code) for at, (patient, stay, code) in enumerate(codes)]
    write(folder / "DIAGNOSES_ICD.csv.gz", CODES, rows)
    return folder


def note(patient: int, stay: int, category: str, text: str, is_error: str = "") -> tuple[object, ...]:
    return (1, patient, stay, "", "", "", category, "Report", "", is_error, text)


def write(path: Path, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([names, *rows])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Mimic3CodesSettings:
    folder = tmp_path_factory.mktemp("mimic")
    return Mimic3CodesSettings(
        task="mimic3_codes",
        folder=write_tables(folder / "data"),
        tokenizer=str(write_encoder(folder / "encoder")),
        most_tokens=20,
        most_codes=3,
    )


def test_a_stay_has_the_codes_of_its_summary(settings: Mimic3CodesSettings) -> None:
    cohort = read(settings)
    assert cohort.head.names == ("4019", "4280", "70709")
    for case in cohort.splits["train"]:
        heart = 4 in case.inputs["tokens"].tolist()
        np.testing.assert_array_equal(case.target, [heart, heart, not heart])


def test_patients_are_hidden_and_in_one_split(settings: Mimic3CodesSettings) -> None:
    cohort = read(settings)
    homes = [{case.group for case in cases} for cases in cohort.splits.values()]
    assert sum(map(len, homes)) == len(set.union(*homes))
    assert all(len(group) == 16 for of in homes for group in of)


def test_errors_and_other_notes_are_not_read(settings: Mimic3CodesSettings) -> None:
    cohort = read(settings)
    pills = [
        case for cases in cohort.splits.values() for case in cases if 12 in case.inputs["tokens"].tolist()
    ]
    assert not pills


@pytest.mark.parametrize("name", ["NOTEEVENTS.csv", "DIAGNOSES_ICD.csv.gz"])
def test_a_missing_table_is_named(settings: Mimic3CodesSettings, tmp_path: Path, name: str) -> None:
    folder = write_tables(tmp_path / "data", 4)
    (folder / name).unlink()
    with pytest.raises(DataError, match=f"no {name.removesuffix('.gz')} in"):
        read(settings.model_copy(update={"folder": folder}))


def test_a_missing_column_is_named(settings: Mimic3CodesSettings, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "data", 4)
    write(folder / "NOTEEVENTS.csv", ("ROW_ID", "SUBJECT_ID"), [(1, 2)])
    with pytest.raises(DataError, match=r"NOTEEVENTS.csv has no column HADM_ID"):
        read(settings.model_copy(update={"folder": folder}))


def test_tables_of_other_stays_are_refused(settings: Mimic3CodesSettings, tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "data", 4)
    write(folder / "DIAGNOSES_ICD.csv.gz", CODES, [(1, 1, 77, 1, "4019")])
    with pytest.raises(DataError, match="no stay with a summary and a code"):
        read(settings.model_copy(update={"folder": folder}))
