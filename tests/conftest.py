"""A tiny but real Llama and tokenizer, shared by all rooms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from stillroom.data import CHAT_TEMPLATE
from stillroom.models import LanguageModel
from stillroom.types import Encoded, Source

TEXT = (
    "Define Seizure. An abnormal, excessive discharge of neurons in the brain.",
    "What is the term for: fits?",
)
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
SOURCE = Source("tiny", "1", "Apache-2.0", "https://example.org", "none")


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE with merges, trained on two sentences."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    raw.train_from_iterator(
        TEXT, trainers.BpeTrainer(vocab_size=320, special_tokens=list(SPECIAL), initial_alphabet=alphabet)
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=raw, eos_token="<|im_end|>", bos_token="<|im_start|>", pad_token="<|im_end|>"
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


@pytest.fixture
def make_model(tokenizer: PreTrainedTokenizerFast) -> Callable[..., LanguageModel]:
    """Make a random Llama of a given depth; equal seeds give equal weights."""

    def make(layers: int = 6, seed: int = 0) -> LanguageModel:
        torch.manual_seed(seed)
        config = LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=layers,
            num_attention_heads=4,
            num_key_value_heads=2,
            max_position_embeddings=128,
            tie_word_embeddings=True,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=2,
        )
        return LanguageModel(LlamaForCausalLM(config).float(), tokenizer, (SOURCE,))

    return make


@pytest.fixture
def rows() -> list[Encoded]:
    """Rows of many lengths whose responses are predictable from their prompts."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(48):
        prompt = random.integers(3, 40, size=random.integers(2, 9))
        made.append(Encoded(np.concatenate([prompt, prompt[::-1], [2]]).astype(np.int64), len(prompt)))
    return made
