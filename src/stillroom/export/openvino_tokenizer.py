"""A student's tokenizer for OpenVINO GenAI, converted from the tokenizer itself."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stillroom.data.spelling import Spelling
from stillroom.export.exportable import backend
from stillroom.export.openvino_graph import openvino
from stillroom.export.openvino_merging import take_whole

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TOKENIZER, DETOKENIZER = "openvino_tokenizer.xml", "openvino_detokenizer.xml"


def write_tokenizer(tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write tokenizer and detokenizer into a folder that GenAI opens; batches are padded on the left.

    GenAI's own reading of a GGUF file's tokenizer (2026.4) is not used: it splits ``llama-bpe`` by other expressions,
    adds no first token, and silently keeps the last 8,192 tokens of a longer text.

    Raises:
        ExportError: OpenVINO makes a tokenizer in another way than is known.
        MissingExtraError: OpenVINO is absent.
    """
    openvino()
    from openvino import save_model
    from openvino_tokenizers import convert_tokenizer

    padded = copy.copy(tokenizer)
    padded.padding_side = "left"
    forward, back = convert_tokenizer(padded, with_detokenizer=True)
    if tokens := unmergeable(tokenizer):
        take_whole(forward, tokens)
    save_model(forward, folder / TOKENIZER)
    save_model(back, folder / DETOKENIZER)


def unmergeable(tokenizer: PreTrainedTokenizerFast) -> Mapping[bytes, int]:
    """Tokens that the tokenizer finds as a whole piece of text, and that merging would not make of it.

    Of Llama 3's 128,000 they are 588, `` Arthropoda`` among them; of a tokenizer without ``ignore_merges`` none.
    """
    from tokenizers import Tokenizer

    definition = backend(tokenizer)
    if not definition["model"].get("ignore_merges"):
        return {}
    definition["model"]["ignore_merges"] = False
    merge = Tokenizer.from_str(json.dumps(definition)).model.tokenize
    pieces = Spelling.of(tokenizer).pieces
    vocabulary: Mapping[str, int] = definition["model"]["vocab"]
    missed = (
        number for token, number in vocabulary.items() if [part.id for part in merge(token)] != [number]
    )
    return {piece: number for number in missed if (piece := pieces[number]) is not None}
