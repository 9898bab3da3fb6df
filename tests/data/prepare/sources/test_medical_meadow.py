"""Medical Meadow: questions as prompts, tests left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from adapted import adapted, write_json
from stillroom.data.prepare.sources.medical_meadow import ADAPTER


def card(**columns: str) -> dict[str, Any]:
    return {
        "instruction": "Answer this question truthfully",
        "input": "What is gout?",
        "output": "It.",
        **columns,
    }


def test_a_question_is_the_prompt_and_a_task_keeps_its_instruction(tmp_path: Path) -> None:
    write_json(tmp_path / "medical_meadow_wikidoc.json", [card(), card(input="")])
    advice = card(instruction="Is this an advice?", input="Drink water.", output="strong advice")
    write_json(tmp_path / "medical_meadow_health_advice.json", [advice])
    made = adapted(ADAPTER, tmp_path)
    assert (made["wikidoc-1"]["prompt"], made["wikidoc-1"]["context"]) == ("What is gout?", "")
    assert made["health_advice-1"]["prompt"] == "Is this an advice?"
    assert made["health_advice-1"]["context"] == "Drink water."
    assert made.reasons == {"'input' is empty": 1}


def test_tests_in_disguise_are_not_read(tmp_path: Path) -> None:
    for name in ("mmmlu", "medqa", "usmle_self_assessment", "medical_flashcards"):
        write_json(tmp_path / f"medical_meadow_{name}.json", [card()])
    assert [row["id"] for row in adapted(ADAPTER, tmp_path).rows] == ["medical_meadow/medical_flashcards-1"]
