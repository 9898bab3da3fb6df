"""What can be exported: Llama and Qwen networks with finite weights, and a byte-level BPE tokenizer that is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from stillroom.export.rope import ROPE_TYPES, rope_type
from stillroom.export.splitting import splitting_rule
from stillroom.types import ExportError

_WANTED: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "llama": {"attention_bias": (False,), "mlp_bias": (False,), "rope_type": ROPE_TYPES},
    "qwen2": {"use_sliding_window": (False,), "rope_type": ("default",)},
    "qwen3": {"attention_bias": (False,), "use_sliding_window": (False,), "rope_type": ("default",)},
}

FAMILIES = tuple(_WANTED)
"""Values of ``model_type`` that can be exported."""

_PADDING = 64
"""Embeddings may have more rows than there are tokens, up to a multiple of this, as Qwen's have."""

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def require_exportable(network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    """Refuse what a GGUF file cannot say or its readers would get wrong.

    Raises:
        ExportError: another architecture or variant, weights that are not finite, a vocabulary whose size differs from
            the tokenizer's, or a tokenizer that splits text as the runtime cannot.
    """
    require_exportable_config(network.config)
    _require_finite(network)
    rows, tokens = network.config.vocab_size, len(tokenizer)
    if rows < tokens or (rows > tokens and rows % _PADDING):
        raise ExportError(
            f"the network has {rows} tokens, its tokenizer {tokens}",
            f"one vocabulary, the network's padded to a multiple of {_PADDING} at most",
            "save the network with the tokenizer that it was trained with",
        )
    splitting_rule(backend(tokenizer))
    _require_merges(backend(tokenizer))


def require_exportable_config(config: Any) -> None:
    """Refuse a network by its configuration alone.

    Raises:
        ExportError: another architecture or variant.
    """
    variant = _WANTED.get(config.model_type, {})
    wanted: Mapping[str, tuple[Any, ...]] = {"model_type": FAMILIES, "hidden_act": ("silu",), **variant}
    found = {name: getattr(config, name, None) for name in wanted} | {"rope_type": rope_type(config)}
    for name, values in wanted.items():
        if found[name] not in values:
            raise ExportError(
                f"a network with {name}={found[name]!r}",
                " or ".join(f"{name}={value!r}" for value in values),
                "distil into a Llama or Qwen network, such as SmolLM2 or Llama 3.2",
            )


def backend(tokenizer: PreTrainedTokenizerBase) -> dict[str, Any]:
    """Return the tokenizer's definition: its ``tokenizer.json`` as a mapping.

    Raises:
        ExportError: the tokenizer is no BPE tokenizer with merges.
    """
    fast = getattr(tokenizer, "backend_tokenizer", None)
    definition: dict[str, Any] = json.loads(fast.to_str()) if fast is not None else {"model": {}}
    if definition["model"].get("type") != "BPE" or not definition["model"].get("merges"):
        raise ExportError(
            f"tokenizer of type {definition['model'].get('type')!r} without merges",
            "a byte-level BPE tokenizer with merges",
            "use the tokenizer.json of the model family",
        )
    return definition


def _require_merges(definition: Mapping[str, Any]) -> None:
    """Refuse tokens that no merge makes: the runtime would find them in the midst of any word."""
    made = {"".join(pair) for pair in definition["model"]["merges"]}
    made |= {token["content"] for token in definition["added_tokens"]}
    alone = [token for token in definition["model"]["vocab"] if len(token) > 1 and token not in made]
    if alone:
        raise ExportError(
            f"a tokenizer with {len(alone)} tokens that no merge makes",
            "a merge for every token of more than one byte",
            "use the tokenizer.json of the model family",
        )


def _require_finite(network: PreTrainedModel) -> None:
    for name, parameter in network.named_parameters():
        if not bool(parameter.half().isfinite().all()):
            raise ExportError(
                f"weights {name} hold NaN, infinity or numbers beyond 16-bit floats",
                "finite numbers up to 65504",
                "train again with a lower learning rate",
            )
