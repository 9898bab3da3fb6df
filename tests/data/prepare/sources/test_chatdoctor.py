"""ChatDoctor: of several answers the physician's."""

from __future__ import annotations

from pathlib import Path

from adapted import adapted, write_json
from stillroom.data.prepare.sources.chatdoctor import ADAPTER

ASKED = {
    "instruction": "If you are a doctor, please answer.",
    "input": "I have a headache.",
    "output": "Rest.",
}
THREE = {
    "input": "My knee hurts.",
    "answer_icliniq": "Hi. Cool it.",
    "answer_chatgpt": "I am sorry to hear that.",
    "answer_chatdoctor": "Take paracetamol.",
}


def test_the_message_is_the_prompt_and_the_physician_answers(tmp_path: Path) -> None:
    write_json(tmp_path / "HealthCareMagic-100k.json", [ASKED, {**ASKED, "output": ""}])
    write_json(tmp_path / "iCliniq.json", [THREE])
    made = adapted(ADAPTER, tmp_path)
    assert made["HealthCareMagic-100k-1"]["prompt"] == "I have a headache."
    assert made["iCliniq-1"]["response"] == "Hi. Cool it."
    assert made.reasons == {"'output' is empty": 1}


def test_one_file_alone_can_be_named(tmp_path: Path) -> None:
    write_json(tmp_path / "HealthCareMagic-100k.json", [ASKED])
    write_json(tmp_path / "GenMedGPT-5k.json", [ASKED])
    assert len(adapted(ADAPTER, tmp_path / "HealthCareMagic-100k.json").rows) == 1


def test_what_a_model_wrote_and_what_may_not_be_sold_are_flagged() -> None:
    assert {"non_commercial", "model_licence"} <= ADAPTER.obligations
