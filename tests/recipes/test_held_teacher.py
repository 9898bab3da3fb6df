"""A teacher that is used as it is, held in fewer bytes: what a run keeps of it, and that its student learns from it."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from recipes.tiny import tiny_teacher
from stillroom.models import LanguageModel
from stillroom.models.quantised import held_bytes, held_matrices
from stillroom.models.taught import load_full, load_taught
from stillroom.recipes import Recipe, load, run
from stillroom.signals import SignalStore
from stillroom.types import Corpus, Evidence, Example, RecipeError, SignalError, Source, Split
from stillroom.types.corpus import SPLITS

FEW = {"steps": 2, "tokens_per_step": 1024, "tokens_per_pass": 1024}
EVALUATE = {"token_items": 12, "choice_items": 4, "generation_items": 1, "max_new_tokens": 2, "gates": []}


def recipe(name: str, folder: Path, **teacher: Any) -> Recipe:
    data = load("quickstart").model_dump(mode="json")
    return load(
        {
            **data,
            "name": name,
            "teacher": {"model": str(folder), **teacher},
            "teach": None,
            "student": {**data["student"], "layers": [1]},
            "train": {**data["train"], **FEW},
            "evaluate": {**data["evaluate"], **EVALUATE},
        }
    )


def examples(split: Split, count: int) -> tuple[Example, ...]:
    return tuple(
        Example(
            f"{split}-{n}",
            f"What is {n}?",
            f"A made thing, {n}.",
            "definition",
            "none",
            "basic",
            f"{split}{n}",
        )
        for n in range(count)
    )


@pytest.fixture(autouse=True)
def corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A made corpus in the place of the recipe's own, which takes its time."""
    splits = {split: examples(split, 12) for split in SPLITS}
    made = Corpus("made", (Source("made", "1", "CC0-1.0", "", ""),), splits, {})
    monkeypatch.setattr("stillroom.data.load", lambda _: made)


@pytest.fixture
def folder(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> Path:
    made = tmp_path / "model"
    made.mkdir()
    tiny_teacher(made, tokenizer, layers=2)
    return made


def test_it_is_calibrated_kept_as_a_name_judged_and_learned_from_as_it_is_held(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[LanguageModel] = []

    def gate(teacher: LanguageModel, untrained: LanguageModel, *_: Any, **__: Any) -> Evidence:
        judged.extend((teacher, untrained))
        return Evidence((), ())

    monkeypatch.setattr(import_module("stillroom.recipes.pipeline.teach"), "require_better_teacher", gate)
    run(recipe("held", folder, precision="int8"), tmp_path, until="distil")

    kept = tmp_path / "held" / "teacher"
    assert not list(kept.glob("*.safetensors"))
    teacher, full = load_taught(kept), load_full(kept)
    assert [bool(held_matrices(model.network)) for model in (*judged, teacher, full)] == [
        True,
        False,
        True,
        False,
    ]
    assert judged[0].fingerprint() == teacher.fingerprint()

    manifest = json.loads((tmp_path / "held" / "manifest.json").read_text(encoding="utf-8"))
    facts = next(stage["facts"] for stage in manifest["stages"] if stage["name"] == "teach")
    assert facts["bytes_held"] == held_bytes(teacher.network) < 2 * facts["parameters"]

    SignalStore.open(tmp_path / "held" / "signals", teacher.fingerprint())
    with pytest.raises(SignalError, match="teacher"):
        SignalStore.open(tmp_path / "held" / "signals", full.fingerprint())


def test_a_packed_teacher_cannot_be_adapted(folder: Path) -> None:
    data = recipe("packed", folder).model_dump(mode="json")
    block = load("quickstart").model_dump(mode="json")["teach"]
    with pytest.raises(RecipeError, match="packed weights cannot learn"):
        load({**data, "teacher": {"model": "smollm2-135m-instruct", "precision": "gguf"}, "teach": block})
