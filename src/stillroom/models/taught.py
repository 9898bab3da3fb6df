"""The teacher as a run keeps it: its weights, or where they come from; and how they are held while it teaches."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from transformers import AutoTokenizer

from stillroom.models.calibration import fold_temperature
from stillroom.models.holding import hold_teacher, teaching_device
from stillroom.models.language_model import LanguageModel
from stillroom.models.settings import TeacherSettings
from stillroom.models.teacher import load_held_teacher, load_teacher
from stillroom.types.files import write_json

_FILE = "teaching.json"


def keep_adapted(model: LanguageModel, folder: Path, settings: TeacherSettings) -> None:
    """Keep a teacher whose weights are its own by now: adapted, calibrated, and in full precision."""
    model.save(folder)
    _write(folder, settings, None)


def keep_as_it_is(model: LanguageModel, folder: Path, settings: TeacherSettings, temperature: float) -> None:
    """Keep a teacher that was only calibrated, as the name of its weights and the temperature to fold into them.

    The tokenizer lies beside it, with the chat template that it was given.
    """
    model.tokenizer.save_pretrained(folder)
    there = Path(settings.model)
    named = str(there.resolve()) if there.is_dir() else settings.model
    _write(folder, settings.model_copy(update={"model": named}), temperature)


def load_taught(folder: Path) -> LanguageModel:
    """Load the teacher as it teaches: calibrated, in its recipe's precision, on the device it computes on.

    A folder that a model was merely saved in is a teacher in float32.

    Raises:
        ModelError: its weights are gone, or cannot be held so on this machine.
        MissingExtraError: ``nf4`` without bitsandbytes.
    """
    settings, temperature = _read(folder)
    if temperature is None:
        return hold_teacher(LanguageModel.load(folder), settings, teaching_device())
    return _calibrated(load_held_teacher(settings), folder, temperature)


def load_full(folder: Path) -> LanguageModel:
    """Load the same teacher, calibrated, in float32 on the CPU: what a student is cut from.

    Raises:
        ModelError: its weights are gone.
    """
    settings, temperature = _read(folder)
    if temperature is None:
        return LanguageModel.load(folder)
    return _calibrated(load_teacher(settings), folder, temperature)


def _calibrated(model: LanguageModel, folder: Path, temperature: float) -> LanguageModel:
    fold_temperature(model, temperature)
    return replace(model, tokenizer=AutoTokenizer.from_pretrained(folder, local_files_only=True))


def _write(folder: Path, settings: TeacherSettings, temperature: float | None) -> None:
    write_json(folder / _FILE, {"teacher": settings.model_dump(), "temperature_to_fold": temperature})


def _read(folder: Path) -> tuple[TeacherSettings, float | None]:
    if not (folder / _FILE).is_file():
        return TeacherSettings(model=str(folder)), None
    kept = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return TeacherSettings.model_validate(kept["teacher"]), kept["temperature_to_fold"]
