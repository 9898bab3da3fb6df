"""Reading a packaged GGUF file as an ordinary float32 model."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from stillroom.models.decoder import require_plain_logits
from stillroom.models.language_model import LanguageModel
from stillroom.models.quantised_gguf import load_packed
from stillroom.types import MissingExtraError, Source


def load_gguf(path: Path, source: Source, *, packed: bool = False) -> LanguageModel:
    """Dequantise a GGUF file and drop the traces of its quantisation, so that the model can be trained and saved.

    Args:
        path: the GGUF file.
        source: provenance of the weights.
        packed: leave the matrices in the file's blocks instead, for a model that only teaches.

    Raises:
        MissingExtraError: the package ``gguf`` is absent.
        ModelError: a family whose logits are not its last hidden state times its output matrix.
    """
    try:
        import gguf  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("gguf", "export") from error
    network = load_packed(path) if packed else _dequantised(path)
    require_plain_logits(network)
    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
    return LanguageModel(network, tokenizer, (source,))


def _dequantised(path: Path) -> PreTrainedModel:
    network = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, dtype=torch.float32, local_files_only=True
    )
    network.hf_quantizer = None
    del network.config.quantization_config
    return network
