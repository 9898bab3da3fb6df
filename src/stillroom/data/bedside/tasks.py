"""Every bedside task, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from stillroom.data.bedside.bccd import BccdSettings
from stillroom.data.bedside.checked import checked
from stillroom.data.bedside.eeg_eye_state import EegEyeStateSettings
from stillroom.data.bedside.entities import (
    ChemicalDiseaseEntitiesSettings,
    DiseaseEntitiesSettings,
    EntitySettings,
)
from stillroom.data.bedside.heart_disease import HeartDiseaseSettings
from stillroom.data.bedside.hippocampus import SPACING_MM, HippocampusSettings
from stillroom.data.bedside.icd10cm import IcdCodingSettings
from stillroom.data.bedside.medical_abstracts import MedicalAbstractsSettings
from stillroom.data.bedside.mimic3_codes import Mimic3CodesSettings
from stillroom.data.bedside.mitbih import MitBihSettings
from stillroom.data.bedside.mts_dialog import MtsDialogSettings
from stillroom.data.bedside.physionet2012 import Physionet2012Settings
from stillroom.data.bedside.physionet2012_hypotension import HypotensionSettings
from stillroom.data.bedside.physionet2012_modalities import IcuModalitiesSettings
from stillroom.data.bedside.physionet2012_outcomes import IcuOutcomesSettings
from stillroom.data.bedside.pneumoniamnist import PneumoniaMnistSettings
from stillroom.data.bedside.pubmedqa import PubmedQaSettings
from stillroom.data.bedside.thyroid import ThyroidSettings
from stillroom.data.bedside.yaib import YaibSettings
from stillroom.types import DataError
from stillroom.types.cases import Cohort
from stillroom.types.files import file_sha256

TaskSettings = Annotated[
    Physionet2012Settings
    | HypotensionSettings
    | IcuOutcomesSettings
    | IcuModalitiesSettings
    | YaibSettings
    | HeartDiseaseSettings
    | ThyroidSettings
    | PneumoniaMnistSettings
    | BccdSettings
    | HippocampusSettings
    | MitBihSettings
    | EegEyeStateSettings
    | MtsDialogSettings
    | MedicalAbstractsSettings
    | PubmedQaSettings
    | DiseaseEntitiesSettings
    | ChemicalDiseaseEntitiesSettings
    | IcdCodingSettings
    | Mimic3CodesSettings,
    Field(discriminator="task"),
]
"""The ``data`` block of a bedside recipe: one of the tasks."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a task is, beside its data.

    Attributes:
        title: what is predicted, in a line.
        module: module of this folder whose ``build`` reads it.
        primary: the figure that student, control and teacher are compared by first.
        subgroups: keys of its cases by which figures are told.
        spacing_mm: where answers are outlines of a volume, the size of a voxel: between slices, and along both axes of
            one. The cases of a group are then the slices of a volume, in their order; None for any other task.
        measured: as what its answers are measured; ``numbers``: one number for each case.
        unit: of a number.
    """

    title: str
    module: str
    primary: str
    subgroups: tuple[str, ...] = ()
    spacing_mm: tuple[float, float, float] | None = None
    measured: Literal["classes", "entities", "numbers"] = "classes"
    unit: str = "target"


TASKS: Mapping[str, Task] = {
    "icu_mortality": Task(
        "death in hospital, from the first 48 hours in intensive care",
        "physionet2012",
        "auroc",
        ("sex", "age", "unit"),
    ),
    "icu_hypotension": Task(
        "mean arterial pressure below a limit in the next hours, from the hours before, every few hours of a stay",
        "physionet2012_hypotension",
        "auroc",
        ("sex", "unit"),
    ),
    "icu_modalities": Task(
        "death in hospital, from a monitor, a laboratory, a note and descriptors, some of them missing",
        "physionet2012_modalities",
        "auroc",
        ("pattern",),
    ),
    "icu_outcomes": Task(
        "death in hospital and a long stay, from the first 48 hours in intensive care",
        "physionet2012_outcomes",
        "auroc",
        ("sex",),
    ),
    "yaib_mortality": Task(
        "death in hospital, from the first day in intensive care, in two databases",
        "yaib",
        "auroc",
        ("database", "sex"),
    ),
    "yaib_aki": Task(
        "acute kidney injury in the next hours, asked every few hours of a stay, in two databases",
        "yaib",
        "auroc",
        ("database", "sex"),
    ),
    "yaib_sepsis": Task(
        "sepsis in the next hours, asked every few hours of a stay, in two databases",
        "yaib",
        "auroc",
        ("database", "sex"),
    ),
    "yaib_length_of_stay": Task(
        "days that a stay in intensive care will last, at most 7, asked every few hours of it, in two databases",
        "yaib",
        "mae",
        ("database", "sex"),
        measured="numbers",
        unit="days",
    ),
    "pneumonia": Task("pneumonia, from a chest X-ray of a child", "pneumoniamnist", "auroc"),
    "blood_cells": Task("the kind of a blood cell, from its picture", "bccd", "auroc"),
    "hippocampus": Task(
        "both parts of the hippocampus, outlined in a magnetic resonance image",
        "hippocampus",
        "dice",
        spacing_mm=SPACING_MM,
    ),
    "pvc_beats": Task(
        "a premature ventricular beat, from one lead and the interval before it",
        "mitbih",
        "auprc",
        ("record",),
    ),
    "eye_state": Task("eyes closed, from a second of electroencephalogram", "eeg_eye_state", "auroc"),
    "heart_disease": Task(
        "narrowed coronary vessels, from thirteen findings in four hospitals",
        "heart_disease",
        "auroc",
        ("sex",),
    ),
    "thyroid": Task(
        "thirteen findings of a thyroid laboratory, some of them rare", "thyroid", "f1_macro", ("sex",)
    ),
    "note_section": Task(
        "the section of the note that a conversation belongs to", "mts_dialog", "accuracy", ("length",)
    ),
    "abstract_condition": Task(
        "the group of conditions that an abstract speaks of", "medical_abstracts", "f1_macro"
    ),
    "abstract_answer": Task(
        "yes, no or maybe to a question, from the abstract without its conclusion", "pubmedqa", "f1_macro"
    ),
    "disease_entities": Task(
        "mentions of diseases in sentences of abstracts", "entities", "entity_f1", measured="entities"
    ),
    "chemical_disease_entities": Task(
        "mentions of chemicals and diseases in sentences of abstracts",
        "entities",
        "entity_f1",
        measured="entities",
    ),
    "icd_coding": Task(
        "chapters and blocks of ICD-10-CM, from the words of a diagnosis", "icd10cm", "f1_macro"
    ),
    "mimic3_codes": Task("codes of a stay, from its discharge summary", "mimic3_codes", "f1_macro"),
}


def read(settings: TaskSettings) -> Cohort:
    """Read the cohort of a task.

    Raises:
        DataError: it cannot be read, learned from or measured on.
        MissingExtraError: a package that reads it is absent.
    """
    module = import_module(f"stillroom.data.bedside.{TASKS[settings.task].module}")
    build: Callable[[Any], Cohort] = module.build
    return checked(build(settings))


def stamp(settings: TaskSettings) -> dict[str, dict[str, str]]:
    """What a cohort depends on beside its settings: the content of its files.

    Raises:
        DataError: the folder is not there, or empty.
    """
    folders = {"files": settings.place}
    if isinstance(settings, EntitySettings) and settings.unlabelled is not None:
        folders["unlabelled"] = settings.unlabelled.expanduser()
    return {name: _hashes(folder) for name, folder in folders.items()}


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if not files:
        raise DataError(
            f"no files in {folder}", "the folder that holds the data of the task", "set data.folder=PATH"
        )
    return {path.name: file_sha256(path) for path in files}
