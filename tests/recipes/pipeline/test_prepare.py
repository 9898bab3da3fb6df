"""A corpus of many sources is prepared within a run: cached, resumed, and read by all later stages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from recipes.tiny import CHANGES, tiny_teacher
from stillroom.data.store import load_saved
from stillroom.recipes import Recipe, load, run
from stillroom.types import DataError

NAMES = (
    "heart",
    "lung",
    "kidney",
    "liver",
    "spleen",
    "brain",
    "retina",
    "femur",
    "thyroid",
    "pancreas",
    "uterus",
)


def rows(start: int, count: int) -> str:
    made = [
        {
            "id": str(n),
            "prompt": f"Which organ is number {n} of chapter {n * 7919 % 1009}, line {n * 104729 % 997}?",
            "response": f"The {NAMES[n % 11]} number {n * 31 % 1013}.",
            "options": [f"The {NAMES[(n + k) % 11]} number {n * 31 % 1013}." for k in range(4)],
        }
        for n in range(start, start + count)
    ]
    return "".join(f"{json.dumps(row)}\n" for row in made)


@pytest.fixture
def recipe(tmp_path: Path, tokenizer: PreTrainedTokenizerFast) -> Recipe:
    """The tiny chain on two files, one of them a benchmark."""
    tiny_teacher(tmp_path / "teacher", tokenizer)
    for name, text in (("notes", rows(0, 90)), ("exam", rows(900, 20))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rows.jsonl").write_text(text)
    data = load("quickstart").model_dump(mode="json")
    changed: dict[str, Any] = {
        block: {**data[block], **lines} for block, lines in CHANGES.items() if block != "corpus"
    }
    sources = {
        "notes": {"adapter": "jsonl", "path": str(tmp_path / "notes"), "terms": ["share_alike"]},
        "exam": {"adapter": "jsonl", "path": str(tmp_path / "exam"), "use": "benchmark"},
    }
    corpus = {"source": "clinical", "name": "made", "sources": sources}
    engine = {"kind": "local", "workers": 1}
    teacher = {"model": str(tmp_path / "teacher")}
    return load({**data, **changed, "name": "tiny", "corpus": corpus, "engine": engine, "teacher": teacher})


def test_the_run_folder_holds_corpus_datasheet_and_costs(recipe: Recipe, tmp_path: Path) -> None:
    ended = run(recipe, tmp_path / "runs", until="prepare")
    folder = ended.run_dir / "corpus"
    assert (folder / "datasheet.md").is_file()
    assert load_saved(folder / "corpus").name == "made"
    events = [json.loads(line) for line in (ended.run_dir / "events.jsonl").read_text().splitlines()]
    costs = {event["event"]: event["figures"] for event in events if "work_seconds" in event["figures"]}
    assert costs["read"]["rows"] == 110
    assert not list(ended.run_dir.glob(".work/prepare-*"))


def test_it_is_kept_until_a_source_changes(recipe: Recipe, tmp_path: Path) -> None:
    def stage() -> dict[str, Any]:
        run(recipe, tmp_path / "runs", until="prepare")
        (found,) = json.loads((tmp_path / "runs" / "tiny" / "manifest.json").read_text())["stages"]
        return dict(found)

    first, again = stage(), stage()
    assert (first["kept"], again["kept"]) == (False, True)
    with (tmp_path / "notes" / "rows.jsonl").open("a") as file:
        file.write(rows(500, 1))
    changed = stage()
    assert (changed["kept"], changed["fingerprint"] != first["fingerprint"]) == (False, True)


def test_the_same_run_elsewhere_has_the_same_fingerprint(recipe: Recipe, tmp_path: Path) -> None:
    several = recipe.model_copy(update={"engine": recipe.engine.model_copy(update={"workers": 2})})
    stages = []
    for name, each in (("one", recipe), ("two", several)):
        run(each, tmp_path / name, until="prepare")
        stages += json.loads((tmp_path / name / "tiny" / "manifest.json").read_text())["stages"]
    assert stages[0]["fingerprint"] == stages[1]["fingerprint"]


def test_a_limit_that_is_exceeded_leaves_no_corpus_and_keeps_what_is_done(
    recipe: Recipe, tmp_path: Path
) -> None:
    with (tmp_path / "exam" / "rows.jsonl").open("a") as file:
        file.write("no JSON\n")
    with pytest.raises(DataError, match="'exam' has 1 malformed of 21 rows: 1 with no JSON"):
        run(recipe, tmp_path / "runs", until="prepare")
    run_dir = tmp_path / "runs" / "tiny"
    assert not (run_dir / "corpus").exists()
    assert list(run_dir.glob(".work/prepare-*/00-read/000.shards.json"))


@pytest.mark.slow
def test_the_whole_chain_learns_from_it_and_passes_its_terms_on(recipe: Recipe, tmp_path: Path) -> None:
    ended = run(recipe, tmp_path / "runs")
    assert ended.evidence is not None
    assert ended.evidence.value("perplexity", "student").value > 1
    assert "share_alike" in (ended.run_dir / "model_card.md").read_text()
    assert "It asks: share_alike" in (ended.run_dir / "bundle" / "NOTICE").read_text()
