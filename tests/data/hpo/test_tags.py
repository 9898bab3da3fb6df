from __future__ import annotations

import pytest

from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.tags import difficulty_of, specialty_of


def test_the_specialty_is_that_of_most_findings(ontology: Ontology) -> None:
    assert specialty_of(ontology, ["HP:0000568", "HP:0001250", "HP:0002197"]) == "nervous system"


def test_a_tie_goes_to_the_first_by_name(ontology: Ontology) -> None:
    assert specialty_of(ontology, ["HP:0001250", "HP:0000568"]) == "eye"


@pytest.mark.parametrize(
    ("kind", "depth", "level"),
    [
        ("definition", 4, "basic"),
        ("definition", 5, "intermediate"),
        ("definition", 7, "advanced"),
        ("synonym", 3, "basic"),
        ("synonym", 7, "intermediate"),
        ("differential", 3, "intermediate"),
        ("differential", 7, "advanced"),
    ],
)
def test_difficulty_rises_with_depth_and_kind(kind: str, depth: int, level: str) -> None:
    assert difficulty_of(kind, [depth]) == level
