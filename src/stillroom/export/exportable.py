"""What can be exported: plain Llama networks with finite weights and a byte-level BPE tokenizer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stillroom.types import ExportError

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerBase


def require_exportable(network: LlamaForCausalLM, tokenizer: PreTrainedTokenizerBase) -> None:
    """Refuse what a GGUF Llama file cannot say or its readers would get wrong.

    Raises:
        ExportError: another architecture or variant, weights that are not finite, or a vocabulary whose size
            differs from the tokenizer's.
    """
    _require_plain_llama(network.config)
    _require_finite(network)
    if network.config.vocab_size != len(tokenizer):
        raise ExportError(
            f"the network has {network.config.vocab_size} tokens, its tokenizer {len(tokenizer)}",
            "one vocabulary",
            "save the network with the tokenizer that it was trained with",
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


def _require_plain_llama(config: Any) -> None:
    wanted = {
        "model_type": "llama",
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
    }
    found = {name: getattr(config, name, None) for name in wanted} | {
        "rope_type": (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    }
    for name, value in (wanted | {"rope_type": "default"}).items():
        if found[name] != value:
            raise ExportError(
                f"a network with {name}={found[name]!r}",
                f"{name}={value!r}",
                "distil into a plain Llama network, such as SmolLM2",
            )


def _require_finite(network: LlamaForCausalLM) -> None:
    for name, parameter in network.named_parameters():
        if not bool(parameter.half().isfinite().all()):
            raise ExportError(
                f"weights {name} hold NaN, infinity or numbers beyond 16-bit floats",
                "finite numbers up to 65504",
                "train again with a lower learning rate",
            )
