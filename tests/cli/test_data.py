"""``stillroom data``: what there is, on what terms, and what of it is here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapted import write_lines
from shared_data import shared_data
from stillroom.data.prepare.adapters import ADAPTERS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of many sources that holds a part of one."""
    record = {
        "id": "1",
        "question": "Please, what helps against gout?",
        "summary": "What helps against gout?",
    }
    write_lines(tmp_path / "meqsum" / "meqsum.jsonl", [record, {**record, "id": "2", "summary": ""}])
    return tmp_path


def test_all_sources_are_listed_with_their_terms(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("data")
    assert ended.code == 0
    assert all(name in ended.out for name in ADAPTERS)
    assert "credentialed" in ended.out
    assert "CC BY-SA 3.0" in ended.out


def test_what_is_in_a_folder_is_here(stillroom: Callable[..., Any], folder: Path) -> None:
    lines = stillroom("data", "--folder", str(folder)).out.splitlines()
    assert [line.split()[-1] for line in lines if line.startswith(("meqsum ", "medquad "))] != ["-", "-"]
    assert next(line for line in lines if line.startswith("meqsum ")).rstrip().endswith("meqsum")
    assert next(line for line in lines if line.startswith("medquad ")).rstrip().endswith("-")


def test_one_source_is_told_in_full(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("data", "mimic3_notes")
    assert ended.code == 0
    said = " ".join(ended.out.split())
    assert "your own files only" in said
    assert "doi:10.13026/C2XW26" in said
    assert "NOTEEVENTS.csv" in said
    assert "DIR/mimic3_notes" in said
    assert said.count("trap") == len(ADAPTERS["mimic3_notes"].traps)


def test_a_check_counts_what_is_here(stillroom: Callable[..., Any], folder: Path) -> None:
    said = " ".join(stillroom("data", "meqsum", "--folder", str(folder), "--check").out.split())
    assert "rows 1: 998 fewer than published" in said
    assert "1 'summary' is empty" in said


def test_the_real_sources_are_as_published(stillroom: Callable[..., Any]) -> None:
    folder = shared_data("mmlu_medical").parent
    for name in ("mmlu_medical", "medquad", "ncbi_disease"):
        assert "as published" in stillroom("data", name, "--folder", str(folder), "--check").out


def test_json_tells_a_program_the_same(stillroom: Callable[..., Any], folder: Path) -> None:
    everything = json.loads(stillroom("data", "--json").out)
    assert [told["name"] for told in everything] == list(ADAPTERS)
    one = json.loads(stillroom("data", "meqsum", "--folder", str(folder), "--check", "--json").out)
    assert one["here"] == str(folder / "meqsum")
    assert one["found"]["rows"] == {"": 1}
    assert one["about"]["licence"] == "CC BY 4.0"


def test_an_unknown_source_is_one_line(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("data", "medquat")
    assert ended.code == 1
    assert "did you mean 'medquad'?" in ended.err
    assert ended.err.count("\n") == 1


def test_a_data_set_of_the_hub_that_is_not_here_is_one_line(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("data", "a-hospital/notes")
    assert ended.code == 1
    assert "no data set a-hospital/notes" in ended.err
    assert ended.err.count("\n") == 1
