"""Writing a network and its tokenizer as one GGUF file."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import stillroom
from stillroom.export.blocks import encode
from stillroom.export.exportable import require_exportable
from stillroom.export.moments import Moments
from stillroom.export.rope import FACTORS, head_width, rope_factors
from stillroom.export.settings import Quantisation
from stillroom.export.tensors import gguf_tensors
from stillroom.export.vocabulary import Vocabulary, read_vocabulary
from stillroom.types import MissingExtraError, Source
from stillroom.types.files import atomic_file

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_FILE_TYPES = {"f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0", "q4_1": "MOSTLY_Q4_1"}
_VOCABULARY_TENSORS = ("token_embd.weight", "output.weight")


def write_gguf(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    path: Path,
    quantisation: Quantisation,
    *,
    name: str,
    sources: Sequence[Source],
    moments: Moments | None = None,
) -> None:
    """Write hyper-parameters, tokenizer, chat template, lineage and weights into one file, whole or not at all.

    Args:
        network: of the Llama or Qwen family, tied or untied.
        tokenizer: its byte-level BPE tokenizer.
        path: the file to write.
        quantisation: type of the matrices; see :func:`stillroom.export.blocks.encode`. With 4-bit blocks the
            embedding and output matrices are kept at 8 bits, where most of the damage would be done.
        name: the model's name inside the file.
        sources: what the model derives from, with licences.
        moments: of the inputs of its matrices, to guide the rounding; each weight to its nearest without.

    Raises:
        ExportError: the network or the tokenizer cannot be said in GGUF.
        MissingExtraError: the package ``gguf`` is absent.
        StorageError: the disk is full or not writable.
    """
    try:
        from gguf import GGUFWriter
    except ImportError as error:
        raise MissingExtraError.of("gguf", "export") from error
    require_exportable(network, tokenizer)
    vocabulary = read_vocabulary(tokenizer).padded(network.config.vocab_size)
    with atomic_file(path) as temporary, closing(GGUFWriter(temporary, network.config.model_type)) as writer:
        _add_lineage(writer, name, sources)
        _add_shape(writer, network.config, quantisation)
        _add_vocabulary(writer, vocabulary)
        if (factors := rope_factors(network.config)) is not None:
            writer.add_tensor(FACTORS, factors.astype(np.float32))
        for tensor, parameter, weight in gguf_tensors(network):
            data, kind = encode(weight, _type_of(tensor, quantisation), (moments or {}).get(parameter))
            writer.add_tensor(tensor, data, raw_dtype=kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()


def _type_of(tensor: str, quantisation: Quantisation) -> Quantisation:
    return "q8_0" if quantisation == "q4_1" and tensor in _VOCABULARY_TENSORS else quantisation


def _add_lineage(writer: Any, name: str, sources: Sequence[Source]) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_quantized_by(f"stillroom {stillroom.__version__}")
    writer.add_license(" AND ".join(sorted({source.licence for source in sources})))
    writer.add_base_model_count(len(sources))
    for index, source in enumerate(sources):
        writer.add_base_model_name(index, source.name)
        writer.add_base_model_version(index, source.version)
        writer.add_base_model_url(index, source.url)


def _add_shape(writer: Any, config: Any, quantisation: Quantisation) -> None:
    from gguf import LlamaFileType

    writer.add_file_type(LlamaFileType[_FILE_TYPES[quantisation]])
    writer.add_vocab_size(config.vocab_size)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    for add in (writer.add_key_length, writer.add_value_length, writer.add_rope_dimension_count):
        add(head_width(config))
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def _add_vocabulary(writer: Any, vocabulary: Vocabulary) -> None:
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre_tokenizer)
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.token_types)
    writer.add_token_merges(vocabulary.merges)
    for role, id_ in vocabulary.special_ids.items():
        getattr(writer, f"add_{role}_token_id")(id_)
    writer.add_add_bos_token(vocabulary.add_bos)
    writer.add_add_space_prefix(False)
    if vocabulary.chat_template is not None:
        writer.add_chat_template(vocabulary.chat_template)
