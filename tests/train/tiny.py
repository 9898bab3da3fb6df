"""A Llama of a few thousand weights, rows and settings: a training of 20 steps takes about a second."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from stillroom.models import LanguageModel
from stillroom.train import TrainSettings
from stillroom.types import Encoded

TOKENIZER = SimpleNamespace(
    get_vocab=lambda: {f"token{number}": number for number in range(64)}, eos_token_id=2
)
VALUES: dict[str, object] = {
    "steps": 8,
    "tokens_per_step": 256,
    "tokens_per_pass": 128,
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "final_learning_rate_share": 0.1,
    "warmup_share": 0.2,
    "weight_decay": 0.01,
    "betas": (0.9, 0.95),
    "epsilon": 1e-8,
    "max_grad_norm": 1.0,
    "precision": "float32",
    "gradient_checkpointing": False,
    "max_skipped_steps": 0,
    "checkpoint_seconds": 1e6,
    "keep_checkpoints": 2,
    "evaluate_every_share": 0.5,
}


def settings(**changes: object) -> TrainSettings:
    return TrainSettings.model_validate({**VALUES, **changes})


def model(*, seed: int = 0, dropout: float = 0.0, tied: bool = True) -> LanguageModel:
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=64,
        tie_word_embeddings=tied,
        attention_dropout=dropout,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    return LanguageModel(LlamaForCausalLM(config).float(), TOKENIZER, ())  # type: ignore[arg-type]


def rows() -> list[Encoded]:
    """Rows of many lengths whose responses are predictable from their prompts."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(48):
        prompt = random.integers(3, 40, size=random.integers(2, 9))
        made.append(Encoded(np.concatenate([prompt, prompt[::-1], [2]]).astype(np.int64), len(prompt)))
    return made
