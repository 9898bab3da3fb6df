"""ICD-10-CM: titles and terms, a code asked for only where there is one answer."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from adapted import adapted
from stillroom.data.prepare.sources import icd10cm
from stillroom.data.prepare.sources.icd10cm import ADAPTER
from stillroom.types import MissingExtraError

TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2026</version><chapter><section id="A00-A09"><desc>Intestinal</desc>
<diag><name>A00</name><desc>Cholera</desc>
  <diag><name>A00.0</name><desc>Cholera due to Vibrio cholerae 01, biovar cholerae</desc>
    <inclusionTerm><note>Classical cholera</note></inclusionTerm></diag>
  <diag><name>A00.9</name><desc>Cholera</desc></diag>
</diag></section></chapter></ICD10CM.tabular>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "icd10cm_tabular_2026.xml").write_text(TABULAR)
    return tmp_path


def test_every_listed_code_has_a_meaning(folder: Path) -> None:
    made = adapted(ADAPTER, folder)
    assert made.by("task")["code_meaning",] == 3
    assert made["title-A00.9"]["response"] == "Cholera"


def test_a_title_of_two_codes_is_not_asked_for_its_code(folder: Path) -> None:
    asked = [row for row in adapted(ADAPTER, folder).rows if row["task"] == "coding"]
    assert [row["prompt"].partition(": ")[2] for row in asked] == [
        "Cholera due to Vibrio cholerae 01, biovar cholerae",
        "Classical cholera",
    ]
    assert {row["response"][:5] for row in asked} == {"A00.0"}


def test_codes_of_a_category_are_one_concept(folder: Path) -> None:
    assert {row["concept"] for row in adapted(ADAPTER, folder).rows} == {"A00"}


def test_the_installed_release_is_read_whole() -> None:
    if importlib.util.find_spec("simple_icd_10_cm") is None:
        pytest.skip("simple-icd-10-cm is not installed")
    made = adapted(ADAPTER, icd10cm.locate())
    assert made.by("task") == {("code_meaning",): 46881, ("coding",): 57368}
    assert not made.reasons
    assert len({row["id"] for row in made.rows}) == len(made.rows)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icd10cm, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"stillroom\[icd\]"):
        icd10cm.locate()
