"""A decoder from a folder of safetensors: any family that transformers itself knows, and no code of the folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from stillroom.models.complete import require_complete
from stillroom.models.decoder import require_decoder, require_plain_logits
from stillroom.types import ModelError

_TEXT_PART = {r"^(model\.)?language_model\.(model\.)?": "model."}


def load_network(folder: Path, *, as_stored: bool = False) -> PreTrainedModel:
    """Load a decoder in float32. Of a model of images and text, the text part is taken.

    Args:
        folder: configuration and safetensors files.
        as_stored: keep the files' number format instead, for a model that is held in fewer bytes afterwards.

    Raises:
        ModelError: the folder is not complete, its family is unknown to transformers or not supported, or weights are
            missing from its files.
    """
    config = _config(folder)
    with torch.device("meta"):
        require_decoder(AutoModelForCausalLM.from_config(config))
    network, found = AutoModelForCausalLM.from_pretrained(
        folder,
        config=config,
        key_mapping=_TEXT_PART,
        dtype="auto" if as_stored else torch.float32,
        use_safetensors=True,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    if absent := sorted(found["missing_keys"]) or sorted(found["mismatched_keys"]):
        raise ModelError(
            f"{folder} lacks {len(absent)} weights, such as {absent[0]}",
            f"all weights of a {config.model_type!r} model",
            "fetch or save the model again",
        )
    require_plain_logits(network)
    return network


def _config(folder: Path) -> Any:
    """The configuration of the text part, of a class that transformers itself has."""
    require_complete(folder)
    family = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    try:
        config = AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        ).get_text_config()
        known = type(config) in AutoModelForCausalLM._model_mapping
    except ValueError:
        known = False
    if not known:
        raise ModelError(
            f"{folder} holds a {family!r} model",
            "a causal language model that the installed transformers knows",
            "choose another model, or upgrade transformers; code in model folders is never run",
        )
    return config
