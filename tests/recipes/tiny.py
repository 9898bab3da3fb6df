"""The quickstart with a teacher of four random layers, and hardly any data or steps: seconds on a processor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from stillroom.models import LanguageModel
from stillroom.recipes import Recipe, load
from stillroom.types import Source

COUNTS = {"definitions": 12, "synonyms": 24, "differentials": 8}
BUDGET = {"tokens_per_step": 512, "tokens_per_pass": 256, "checkpoint_seconds": 1e-9, "precision": "float32"}
CHANGES: dict[str, dict[str, Any]] = {
    "corpus": {"train": COUNTS, "validation": COUNTS, "test": COUNTS},
    "teach": {**BUDGET, "steps": 40, "learning_rate": 1e-2},
    "student": {"layers": [1, 3]},
    "train": {**BUDGET, "steps": 12},
    "evaluate": {
        "token_items": 12,
        "choice_items": 4,
        "generation_items": 2,
        "max_new_tokens": 4,
        "bootstrap_repeats": 100,
        "efficiency": {"prompt_tokens": 24, "new_tokens": 4, "repeats": 2},
        "gates": [],
    },
}


def tiny_teacher(folder: Path, tokenizer: PreTrainedTokenizerFast, *, layers: int = 4) -> None:
    """Save a random Llama of a few thousand weights into a folder."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    made = Source("tiny", "1", "Apache-2.0", "", "")
    LanguageModel(LlamaForCausalLM(config), tokenizer, (made,)).save(folder)


def tiny_recipe(
    folder: Path, tokenizer: PreTrainedTokenizerFast, changes: Mapping[str, dict[str, Any]] = CHANGES
) -> Recipe:
    """Write the teacher into a folder, and return the recipe that begins with it."""
    tiny_teacher(folder, tokenizer)
    data = load("quickstart").model_dump(mode="json")
    changed = {block: {**data[block], **lines} for block, lines in changes.items()}
    return load({**data, **changed, "name": "tiny", "teacher": {"model": str(folder)}})
