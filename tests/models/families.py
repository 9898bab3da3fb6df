"""Tiny random decoders of several families, with logits that differ."""

from __future__ import annotations

import torch
import transformers
from transformers import PreTrainedModel

from stillroom.models import LanguageModel
from stillroom.types import Source

FAMILIES = ("Llama", "Gemma3Text", "Qwen2", "Qwen3", "Mistral")
SOURCE = Source("tiny", "1", "Apache-2.0", "https://example.org", "none")


def network(family: str, *, seed: int = 0, **changes: object) -> PreTrainedModel:
    """A decoder of a family, 6 layers of width 32."""
    torch.manual_seed(seed)
    shape = {
        "vocab_size": 320,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 6,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 128,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 2,
        "initializer_range": 0.3,
        **({"sliding_window": 64} if family == "Gemma3Text" else {}),
    }
    config = getattr(transformers, f"{family}Config")(**(shape | changes))
    made = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.2 * torch.randn_like(parameter))
    return made


def language_model(family: str, tokenizer: object, **changes: object) -> LanguageModel:
    """The same with a tokenizer."""
    return LanguageModel(network(family, **changes), tokenizer, (SOURCE,))  # type: ignore[arg-type]
