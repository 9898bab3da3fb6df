"""What OpenVINO GenAI opens, made of a GGUF file: graph, tokenizer and detokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillroom.export.openvino_graph import GRAPH, last_line, openvino
from stillroom.export.openvino_rope import set_frequencies
from stillroom.export.openvino_tokenizer import write_tokenizer
from stillroom.export.rope import rope_frequencies
from stillroom.types import ExportError

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedTokenizerFast


def convert(gguf: Path, config: PretrainedConfig, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Let OpenVINO GenAI load a GGUF file, keep the graph that it made beside the file, and put right what it misread.

    In the graph, block weights stay in blocks and the rotary frequencies are the network's. The tokenizer is converted
    from the network's own.

    Args:
        gguf: the file, alone in its folder.
        config: of the network that the file was written from.
        tokenizer: of that network.

    Returns:
        Path of the graph, ``openvino_model.xml``.

    Raises:
        ExportError: GenAI cannot read the file, or makes of it what is not known.
        MissingExtraError: OpenVINO is absent.
    """
    openvino()
    from openvino_genai import LLMPipeline

    try:
        LLMPipeline(gguf, "CPU", enable_save_ov_model=True)
    except RuntimeError as error:
        raise ExportError(
            f"OpenVINO GenAI cannot load {gguf.name}: {last_line(error)}",
            "a Llama or Qwen GGUF file",
            "export again with this version of stillroom",
        ) from error
    graph = gguf.with_name(GRAPH)
    model = openvino().Core().read_model(graph)
    set_frequencies(model, rope_frequencies(config))
    _save_in_place(model, graph)
    write_tokenizer(tokenizer, gguf.parent)
    return graph


def _save_in_place(model: Any, path: Path) -> None:
    """Save a graph under the name that it was read from, though its weights may still be mapped from there."""
    from openvino import save_model

    written = path.with_name(f"corrected-{path.name}")
    save_model(model, written, compress_to_fp16=False)
    written.with_suffix(".bin").replace(path.with_suffix(".bin"))
    written.replace(path)
