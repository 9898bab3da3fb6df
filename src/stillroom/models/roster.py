"""Real models that a recipe may name before their weights are at hand: shapes, size and licence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stillroom.models.architectures import Architecture
from stillroom.models.licences import LICENCES, Licence
from stillroom.models.store import PACKAGED
from stillroom.types import ModelError, did_you_mean


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model known by its configuration.

    Attributes:
        name: on the hub, or of a local folder.
        architecture: of its text part.
        licence: its terms; None where they are not known.
        note: what a reader should know who has seen other figures.
    """

    name: str
    architecture: Architecture
    licence: Licence | None
    note: str = ""


_LLAMA_8B = Architecture("llama", 32, 4096, 32, 8, 128, 14336, 128256, False, 131072)
_LLAMA_1B = Architecture("llama", 16, 2048, 32, 8, 64, 8192, 128256, True, 131072)
_SMOLLM2 = Architecture("llama", 30, 576, 9, 3, 64, 1536, 49152, True, 8192)
_GEMMA_270M = Architecture("gemma3_text", 18, 640, 4, 1, 256, 2048, 262144, True, 32768)
_GEMMA_4B = Architecture("gemma3_text", 34, 2560, 8, 4, 256, 10240, 262208, True, 131072)
_LLAMA_3 = Architecture("llama", 32, 4096, 32, 8, 128, 14336, 128256, False, 8192)
_QWEN_2_HALF = Architecture("qwen2", 24, 896, 14, 2, 64, 4864, 151936, True, 32768)
_QWEN_2_7B = Architecture("qwen2", 28, 3584, 28, 4, 128, 18944, 152064, False, 32768)
_QWEN_3_HALF = Architecture("qwen3", 28, 1024, 16, 8, 128, 3072, 151936, True, 40960)
_QWEN_3_8B = Architecture("qwen3", 36, 4096, 32, 8, 128, 12288, 151936, False, 40960)

ROSTER: Mapping[str, KnownModel] = {
    model.name: model
    for model in (
        KnownModel("m42-health/Llama3-Med42-8B", _LLAMA_3, LICENCES["llama3"]),
        KnownModel("meta-llama/Llama-3.1-8B", _LLAMA_8B, LICENCES["llama3.1"]),
        KnownModel("meta-llama/Llama-3.1-8B-Instruct", _LLAMA_8B, LICENCES["llama3.1"]),
        KnownModel("meta-llama/Llama-3.2-1B", _LLAMA_1B, LICENCES["llama3.2"]),
        KnownModel("meta-llama/Llama-3.2-1B-Instruct", _LLAMA_1B, LICENCES["llama3.2"]),
        KnownModel(
            "google/medgemma-4b-it",
            _GEMMA_4B,
            LICENCES["health-ai-developer-foundations"],
            "3.88 billion parameters of the text part; the 4.97 billion on its page are the 4.30 billion of text and "
            "image parts with the tied output matrix counted again",
        ),
        KnownModel("google/gemma-3-270m", _GEMMA_270M, LICENCES["gemma"]),
        KnownModel("google/gemma-3-270m-it", _GEMMA_270M, LICENCES["gemma"]),
        KnownModel("Qwen/Qwen2.5-0.5B-Instruct", _QWEN_2_HALF, LICENCES["apache-2.0"]),
        KnownModel("Qwen/Qwen2.5-7B-Instruct", _QWEN_2_7B, LICENCES["apache-2.0"]),
        KnownModel("Qwen/Qwen3-0.6B", _QWEN_3_HALF, LICENCES["apache-2.0"]),
        KnownModel("Qwen/Qwen3-8B", _QWEN_3_8B, LICENCES["apache-2.0"]),
        KnownModel("HuggingFaceTB/SmolLM2-135M-Instruct", _SMOLLM2, LICENCES["apache-2.0"]),
    )
}
"""Sizes from each model's ``config.json``; licences from its card and the texts that :mod:`.licences` links."""

_HUB = "https://huggingface.co/"


def known_model(name: str) -> KnownModel:
    """Find a model by its name on the hub, the name of its package, or the folder it lies in.

    Nothing is loaded and nothing is fetched.

    Raises:
        ModelError: an unknown name, or a folder without a usable ``config.json``.

    >>> round(known_model("meta-llama/Llama-3.2-1B").architecture.parameters / 1e9, 2)
    1.24
    """
    if name in PACKAGED:
        return ROSTER[PACKAGED[name].source.url.removeprefix(_HUB)]
    if name in ROSTER:
        return ROSTER[name]
    config = Path(name).expanduser() / "config.json"
    if not config.is_file():
        raise ModelError(
            f"unknown model {name!r}",
            "a packaged model, a name of the roster, or a folder with config.json",
            did_you_mean(name, [*PACKAGED, *ROSTER]),
        )
    return KnownModel(name, Architecture.from_config(json.loads(config.read_text(encoding="utf-8"))), None)
