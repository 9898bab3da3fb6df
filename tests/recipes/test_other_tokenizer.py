"""A whole run whose teacher reads with another tokenizer than its student."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from data.vocabularies import sentence_piece
from recipes.tiny import tiny_recipe
from stillroom.models import LanguageModel
from stillroom.recipes import Recipe, RunResult, load, run
from stillroom.types import SUBJECTS, SignalError, Source

TOP = {"kind": "top_k", "classes": 32}


def other_teacher(folder: Path) -> str:
    """A teacher of another vocabulary, width and depth."""
    tokenizer = sentence_piece()
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        eos_token_id=[tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids("<end_of_turn>")],
    )
    made = Source("other", "1", "Apache-2.0", "", "")
    LanguageModel(LlamaForCausalLM(config), tokenizer, (made,)).save(folder)
    return str(folder)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Recipe:
    home = tmp_path_factory.mktemp("models")
    plain = tiny_recipe(home / "student", tokenizer).model_dump(mode="json")
    return load(
        {
            **plain,
            "teacher": {"model": other_teacher(home / "teacher")},
            "student": {**plain["student"], "start_from": {"model": plain["teacher"]["model"]}},
            "signals": {**plain["signals"], "targets": TOP},
            "objective": {**plain["objective"], "hidden_weight": 0.0},
        }
    )


@pytest.fixture(scope="module")
def done(recipe: Recipe, memory_is_known: None, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    return run(recipe, tmp_path_factory.mktemp("runs"))


def facts(done: RunResult) -> dict[str, Any]:
    stages = json.loads((done.run_dir / "manifest.json").read_text())["stages"]
    return {stage["name"]: stage["facts"] for stage in stages}


def test_all_subjects_are_measured_on_the_students_tokens(done: RunResult) -> None:
    assert done.evidence
    assert {metric.subject for metric in done.evidence.metrics} == set(SUBJECTS)
    assert done.evidence.facts is not None
    assert done.evidence.facts["runtime_teacher"] == "pytorch, carried to the student's tokens"
    assert done.evidence.value("kl_to_teacher", "student").value >= 0


def test_signals_are_recorded_under_the_students_rows(done: RunResult) -> None:
    found = facts(done)["signals"]
    assert found["rows_not_read_alike"] == {}
    assert found["tokens"] > 0


def test_the_student_comes_nearer_to_its_teacher(done: RunResult) -> None:
    assert done.evidence
    gap = done.evidence.value("kl_to_teacher", "student").value
    assert gap < done.evidence.value("kl_to_teacher", "student_untrained").value


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["signals.attention={layers: [0], heads: each, precision: uint8}"],
            "the teacher's last states and maps lie at other positions",
        ),
        (["signals.targets={kind: hidden}"], "the teacher has another tokenizer than the student"),
    ],
)
def test_what_needs_the_same_positions_is_refused(
    recipe: Recipe, done: RunResult, overrides: list[str], message: str
) -> None:
    changed = load(recipe.model_dump(mode="json"), overrides)
    with pytest.raises(SignalError, match=message):
        run(changed, done.run_dir.parent, until="signals")


def test_a_live_teacher_teaches_too(recipe: Recipe, done: RunResult) -> None:
    live = load(recipe.model_dump(mode="json"), ["signals.source=live", "train.steps=2"])
    assert run(live, done.run_dir.parent, until="distil").run_dir == done.run_dir


def test_layers_are_compared_where_both_have_spelled_the_same(recipe: Recipe, done: RunResult) -> None:
    term = "{hint: {loss: hint, weight: 0.1}}"
    changes = ["student.layer_map=uniform", f"objective.terms={term}", "train.steps=2"]
    changed = load(recipe.model_dump(mode="json"), changes)
    run_dir = run(changed, done.run_dir.parent, until="distil").run_dir
    points = json.loads((run_dir / "student" / "record.json").read_text())["points"]
    assert points[-1]["figures"]["hint"] > 0
