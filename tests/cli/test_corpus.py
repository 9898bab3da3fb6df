"""What is said of a prepared corpus, and of one that could be prepared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stillroom.cli.corpus import print_corpus

FACTS: dict[str, Any] = {
    "stages": [
        {
            "stage": "read",
            "rows_in": 1200,
            "rows_out": 1199,
            "changed": 0,
            "dropped": {"no JSON": 1},
            "facts": {},
        },
        {
            "stage": "clean",
            "rows_in": 1199,
            "rows_out": 1199,
            "changed": 7,
            "dropped": {},
            "facts": {"marks": 3},
        },
    ],
    "items": {"train": 1000, "validation": 100, "test": 99},
    "sources": [{"name": "notes", "train": 1000, "validation": 100, "test": 99}],
    "terms": {"attribution": ["notes"], "share_alike": ["notes"]},
}


def test_stages_splits_terms_and_place_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "datasheet.json").write_text(json.dumps(FACTS))
    print_corpus(tmp_path)
    told = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "read 1,200 1,199 0 1 1 no JSON" in lines
    assert "clean 1,199 1,199 7 0 3 marks" in lines
    assert "notes 1,000 100 99" in lines
    assert "share alike: notes" in lines
    assert "attribution" not in told
    assert lines[-1] == f"datasheet: {tmp_path}/datasheet.md"


def test_without_a_datasheet_nothing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_corpus(tmp_path)
    assert capsys.readouterr().out == ""


def test_a_dry_run_finds_the_sources_and_stays_a_recipe(
    stillroom: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "rows.jsonl").write_text("{}\n")
    others = [f"corpus.sources.{name}=null" for name in SOURCES if name != "hpo"]
    mine = f'corpus.sources.hpo={{"adapter": "jsonl", "path": "{tmp_path / "mine"}"}}'
    ended = stillroom("prepare", "corpus-clinical", *others, mine, "--dry-run")
    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[-1] == f"# hpo: 0.0 MB in {tmp_path / 'mine'}"


def test_a_dry_run_says_what_is_missing(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("prepare", "corpus-clinical", f"corpus.folder={tmp_path}", "--dry-run")
    assert ended.code == 1
    assert "11 of 12 sources are not there: mmlu_medical, medmcqa" in ended.err


SOURCES = (
    *("mmlu_medical", "medmcqa", "medqa", "pubmedqa", "covid_qa", "medquad", "mts_dialog", "meqsum"),
    *("medical_abstracts", "ncbi_disease", "bc5cdr", "hpo"),
)
