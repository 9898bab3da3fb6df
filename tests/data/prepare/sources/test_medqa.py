"""MedQA: the answer's letter, whatever the file calls it."""

from __future__ import annotations

from pathlib import Path

from adapted import adapted, write_lines
from shared_data import shared_data
from stillroom.data.prepare.sources.medqa import ADAPTER

OPTIONS = {"A": "Renal failure", "B": "Hepatitis", "C": "Gout", "D": "Sepsis"}


def test_the_real_test_file_is_a_benchmark_of_1273_questions() -> None:
    made = adapted(ADAPTER, shared_data("medqa_usmle_test"))
    assert made.by("split", "benchmark") == {("test", True): 1273}
    assert not made.reasons


def test_the_release_has_the_answers_text_beside_its_letter(tmp_path: Path) -> None:
    record = {
        "question": "Which?",
        "options": OPTIONS,
        "answer": "Gout",
        "answer_idx": "C",
        "meta_info": "step1",
    }
    for split in ("train", "dev"):
        write_lines(tmp_path / f"phrases_no_exclude_{split}.jsonl", [record])
    made = adapted(ADAPTER, tmp_path)
    assert [row["response"] for row in made.rows] == ["Gout", "Gout"]
    assert made["train-1"]["split"] == "train"
    assert made["dev-1"]["split"] == "validation"


def test_a_letter_that_no_option_has_is_told(tmp_path: Path) -> None:
    write_lines(tmp_path / "test.jsonl", [{"question": "Which?", "options": OPTIONS, "answer": "E"}])
    assert adapted(ADAPTER, tmp_path).reasons == {"the answer is none of the options": 1}
