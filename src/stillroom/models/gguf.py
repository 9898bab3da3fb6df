"""Reading a packaged GGUF file as an ordinary float32 Llama model."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaForCausalLM

from stillroom.models.language_model import LanguageModel
from stillroom.types import MissingExtraError, Source


def load_gguf(path: Path, source: Source, chat_template: str) -> LanguageModel:
    """Dequantise a GGUF file and drop the traces of its quantisation, so that the model can be trained and saved.

    Args:
        path: the GGUF file.
        source: provenance of the weights.
        chat_template: Jinja template that replaces the packaged one.

    Raises:
        MissingExtraError: the package ``gguf`` is absent.
    """
    try:
        import gguf  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("gguf", "export") from error
    folder, file = str(path.parent), path.name
    network = LlamaForCausalLM.from_pretrained(
        folder, gguf_file=file, dtype=torch.float32, local_files_only=True
    )
    network.hf_quantizer = None
    del network.config.quantization_config
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file, local_files_only=True)
    tokenizer.chat_template = chat_template
    return LanguageModel(network, tokenizer, (source,))
