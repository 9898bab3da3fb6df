"""What a language model's configuration alone says: its size, and the shapes that its memory and work follow from.

Enough to plan a run with a model whose weights are not at hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stillroom.types import ModelError

FAMILIES = ("llama", "gemma3_text", "qwen2", "qwen3")


@dataclass(frozen=True, slots=True)
class Architecture:
    """A decoder of the Llama, Qwen or Gemma 3 family: grouped-query attention, gated feed-forward part, RMS norms.

    Attributes:
        family: ``llama``; ``qwen2``, with biases of queries, keys and values; ``qwen3``, with norms of queries and
            keys; or ``gemma3_text``, with those and four norms of a layer's states instead of two.
        layers: number of layers.
        width: of the hidden states.
        heads: query heads.
        kv_heads: heads of keys and values.
        head_width: of one head.
        ffn: width of the feed-forward part.
        vocab: rows of the embedding.
        tied: whether the embedding is the output matrix.
        context: longest sequence, in tokens.
    """

    family: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_width: int
    ffn: int
    vocab: int
    tied: bool
    context: int

    @property
    def query_width(self) -> int:
        """Width of all query heads together."""
        return self.heads * self.head_width

    @property
    def kv_width(self) -> int:
        """Width of all keys, or of all values."""
        return self.kv_heads * self.head_width

    @property
    def layer_weights(self) -> int:
        """Weights of one layer's matrices: 2·width·(queries + keys) + 3·width·ffn."""
        return self.width * (2 * self.query_width + 2 * self.kv_width + 3 * self.ffn)

    @property
    def output_weights(self) -> int:
        """Weights of the output matrix, tied or not."""
        return self.vocab * self.width

    @property
    def linear_weights(self) -> int:
        """Weights of all layers' matrices: what a quantised loading packs, and what every token is multiplied with."""
        return self.layers * self.layer_weights

    @property
    def parameters(self) -> int:
        """Number of parameters, tied matrices counted once.

        >>> Architecture("llama", 30, 576, 9, 3, 64, 1536, 49152, True, 8192).parameters
        134515008
        """
        embeddings = self.output_weights * (1 if self.tied else 2)
        return embeddings + self.layers * (self.layer_weights + self._layer_vectors) + self.width

    @property
    def _layer_vectors(self) -> int:
        """Weights of a layer's norms and biases."""
        norms = (4 if self.family == "gemma3_text" else 2) * self.width
        if self.family == "qwen2":
            return norms + self.query_width + 2 * self.kv_width
        return norms if self.family == "llama" else norms + 2 * self.head_width

    def with_layers(self, layers: int) -> Architecture:
        """The same network with another number of layers: what a student cut from it is."""
        return Architecture(
            **{name: getattr(self, name) for name in self.__dataclass_fields__ if name != "layers"},
            layers=layers,
        )

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Read a ``config.json``, or the part of one that describes the text model.

        Raises:
            ModelError: another family, or a size is missing.
        """
        text: Mapping[str, Any] = config.get("text_config") or config
        family = text.get("model_type")
        if family not in FAMILIES:
            raise ModelError(
                f"a model of type {family!r}", " or ".join(FAMILIES), "choose a model of these families"
            )
        try:
            heads = int(text["num_attention_heads"])
            return cls(
                family=family,
                layers=int(text["num_hidden_layers"]),
                width=int(text["hidden_size"]),
                heads=heads,
                kv_heads=int(text.get("num_key_value_heads") or heads),
                head_width=int(text.get("head_dim") or text["hidden_size"] // heads),
                ffn=int(text["intermediate_size"]),
                vocab=int(text["vocab_size"]),
                tied=bool(text.get("tie_word_embeddings", family == "gemma3_text")),
                context=int(text["max_position_embeddings"]),
            )
        except KeyError as error:
            raise ModelError(
                f"a config without {error.args[0]!r}", "a whole config.json", "name the model's own folder"
            ) from error
