"""Every block of the settings is a stage, and every stage a block."""

from __future__ import annotations

from stillroom.data.prepare.registry import STAGES, stages_of
from stillroom.data.prepare.settings.corpus import ClinicalSettings

SETTINGS = ClinicalSettings.model_validate(
    {"source": "clinical", "name": "c", "sources": {"mmlu_medical": {}}}
)
NO_STAGES = {"source", "name", "folder", "sources", "quarantine", "longest_row_characters"}


def test_the_stages_are_the_blocks_in_their_order() -> None:
    blocks = [name for name in ClinicalSettings.model_fields if name not in NO_STAGES]
    assert blocks == list(STAGES)


def test_every_stage_is_named_as_its_block_and_can_be_left_out() -> None:
    assert [stage.name for stage in stages_of(SETTINGS)] == list(STAGES)
    for name in STAGES:
        without = SETTINGS.model_copy(update={name: None})
        assert [stage.name for stage in stages_of(without)] == [other for other in STAGES if other != name]


def test_rows_to_reckon_with_are_those_asked_for() -> None:
    assert SETTINGS.items("train") == 100_000
    mix = {"train_items": 7, "validation_items": 3, "test_items": 2}
    asked = ClinicalSettings.model_validate({**SETTINGS.model_dump(), "mix": mix})
    assert [asked.items(split) for split in ("train", "validation", "test")] == [7, 3, 2]
