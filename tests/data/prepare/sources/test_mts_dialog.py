"""MTS-Dialog: a section to write and a section to name, of every conversation."""

from __future__ import annotations

from pathlib import Path

from adapted import adapted
from shared_data import shared_data
from stillroom.data.prepare.sources.mts_dialog import ADAPTER

HEAD = "ID,section_header,section_text,dialogue\n"


def test_the_real_files_have_the_published_counts_twice() -> None:
    made = adapted(ADAPTER, shared_data("mts_dialog"))
    assert made.by("split", "task") == {
        (split, task): count
        for split, count in {"train": 1201, "validation": 100, "test": 400}.items()
        for task in ("note_section", "classification")
    }
    assert not made.reasons
    assert made.by("split", "benchmark")["test", True] == 800


def test_real_headers_are_counted_as_published() -> None:
    made = adapted(ADAPTER, shared_data("mts_dialog"))
    sections = made.by("split", "task", "response")
    assert sections["train", "classification", "family and social history"] == 351
    assert sections["train", "classification", "history of present illness"] == 282
    assert sections["train", "classification", "laboratory results"] == 2


def test_the_release_is_read_and_the_augmented_files_are_not(tmp_path: Path) -> None:
    dialogue = '"Doctor: Any allergies?\nPatient: None."'
    for name in ("MTS-Dialog-TrainingSet", "MTS-Dialog-Augmented-TrainingSet-1-En-FR-EN-2402-Pairs"):
        (tmp_path / f"{name}.csv").write_text(f"{HEAD}0,allergy,None.,{dialogue}\n")
    made = adapted(ADAPTER, tmp_path)
    assert len(made.rows) == 2
    written, named = made["TrainingSet-0"], made["TrainingSet-0-section"]
    assert (written["response"], named["response"]) == ("None.", "allergies")
    assert written["document"] == named["document"]
    assert named["context"] == "Doctor: Any allergies?\nPatient: None."


def test_marks_around_a_whole_conversation_are_taken_off(tmp_path: Path) -> None:
    (tmp_path / "MTS-Dialog-ValidationSet.csv").write_text(
        f'{HEAD}0,CC,Cough.,"""Doctor: Yes? Patient: I cough."""\n'
    )
    assert adapted(ADAPTER, tmp_path).rows[0]["context"] == "Doctor: Yes? Patient: I cough."


def test_a_section_beyond_the_twenty_is_told(tmp_path: Path) -> None:
    (tmp_path / "MTS-Dialog-TrainingSet.csv").write_text(f"{HEAD}0,POEM,None.,Doctor: Yes?\n")
    assert adapted(ADAPTER, tmp_path).reasons == {"none of the twenty sections": 2}
