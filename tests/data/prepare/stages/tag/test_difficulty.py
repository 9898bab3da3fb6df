from __future__ import annotations

import pytest

from stillroom.data.prepare.stages.tag.difficulty import stage_of


@pytest.mark.parametrize(
    ("question", "stage"),
    [
        ("Which nerve innervates the deltoid muscle?", "basic_anatomy"),
        ("What is the most likely diagnosis?", "differential_diagnosis"),
        ("What is the next step in management?", "treatment_planning"),
        ("How many chambers?", "clinical_knowledge"),
    ],
)
def test_stages(question: str, stage: str) -> None:
    assert stage_of(question) == stage
