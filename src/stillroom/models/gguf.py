"""Reading a packaged GGUF file as an ordinary float32 model."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from stillroom.models.decoder import require_plain_logits
from stillroom.models.language_model import LanguageModel
from stillroom.types import MissingExtraError, Source


def load_gguf(path: Path, source: Source) -> LanguageModel:
    """Dequantise a GGUF file and drop the traces of its quantisation, so that the model can be trained and saved.

    Args:
        path: the GGUF file.
        source: provenance of the weights.

    Raises:
        MissingExtraError: the package ``gguf`` is absent.
        ModelError: a family whose logits are not its last hidden state times its output matrix.
    """
    try:
        import gguf  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("gguf", "export") from error
    folder, file = str(path.parent), path.name
    network = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=file, dtype=torch.float32, local_files_only=True
    )
    network.hf_quantizer = None
    del network.config.quantization_config
    require_plain_logits(network)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file, local_files_only=True)
    return LanguageModel(network, tokenizer, (source,))
