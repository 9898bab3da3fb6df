"""What a note asks for: its impression, its hospital course, or itself."""

from __future__ import annotations

from stillroom.data.prepare.sources.clinical_notes import note_columns

BEFORE = "INDICATION: Cough for two weeks.\nFINDINGS: There is an opacity in the right lower lobe."
SUMMARY = """Chief Complaint:
Chest pain for two days, worse on exertion

Brief Hospital Course:
She was admitted with an inferior infarction and treated with a stent.

Medications on Admission:
Aspirin
"""


def test_an_impression_is_to_be_written_from_what_stands_before_it() -> None:
    impression = "Right lower lobe pneumonia. Follow up to resolution."
    made = note_columns(f"{BEFORE}\n IMPRESSION:  {impression}\n", "radiology report")
    assert (made["task"], made["context"], made["response"]) == ("summarisation", BEFORE, impression)


def test_a_hospital_course_ends_where_the_next_section_begins() -> None:
    made = note_columns(SUMMARY, "discharge summary")
    assert made["response"] == "She was admitted with an inferior infarction and treated with a stent."
    assert made["context"].endswith("worse on exertion")


def test_an_impression_that_says_nothing_leaves_the_note_as_it_stands() -> None:
    text = f"{BEFORE}\nIMPRESSION: As above."
    made = note_columns(text, "radiology report")
    assert made == {
        "task": "note",
        "prompt": "Write a clinical note. Kind: radiology report.",
        "response": text,
    }


def test_a_note_without_sections_is_learned_as_it_stands() -> None:
    assert note_columns(" Slept well. ", "nursing") == {
        "task": "note",
        "prompt": "Write a clinical note. Kind: nursing.",
        "response": "Slept well.",
    }


def test_an_impression_inside_a_discharge_summary_is_a_part_of_it() -> None:
    made = note_columns(
        SUMMARY.replace("Brief", "CT:\nIMPRESSION: No bleeding is seen.\n\nBrief"), "discharge summary"
    )
    assert made["response"].startswith("She was admitted")
    assert "No bleeding is seen." in made["context"]
