"""A GGUF file as a teacher that stays packed: its blocks are dequantised a matrix at a time, in the forward pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from accelerate import init_empty_weights
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM

from stillroom.models.quantised import HeldEmbedding, HeldLinear, HeldMatrix
from stillroom.types import ModelError

ROW_WISE = ("llama", "gemma3_text", "qwen2", "qwen3")
"""Families whose files hold every matrix in the network's own order, up to an exchange of rows."""


class PackedMatrix(HeldMatrix):
    """The blocks of a GGUF tensor as they stand in the file; ``dense`` is exactly what loading it would give."""

    precision = "gguf"
    packed: Tensor
    kind: Any

    @classmethod
    def of(cls, packed: NDArray[Any], kind: Any) -> Self:
        """Take the blocks over, without a copy.

        Args:
            packed: shape ``(rows, bytes of a row)``, or of a row's numbers.
            kind: the tensor's type, a ``gguf.GGMLQuantizationType``.
        """
        from gguf.constants import GGML_QUANT_SIZES

        raw = np.ascontiguousarray(packed).view(np.uint8)
        weights, size = GGML_QUANT_SIZES[kind]
        held = cls((raw.shape[0], raw.shape[1] // size * weights))
        held.kind = kind
        held.keep(packed=torch.from_numpy(raw))
        return held

    def dense(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """The matrix, dequantised by gguf."""
        return self._unpacked(self.packed).to(dtype)

    def rows(self, ids: Tensor) -> Tensor:
        """Some of its rows, float32."""
        return self._unpacked(self.packed[ids.flatten()]).view(*ids.shape, self.shape[1])

    def _unpacked(self, packed: Tensor) -> Tensor:
        from gguf import dequantize

        return torch.from_numpy(dequantize(packed.detach().numpy(), self.kind))


def load_packed(path: Path) -> Any:
    """Build the network of a GGUF file around its blocks; the file is mapped into memory and read when it is used.

    Raises:
        ModelError: a family whose matrices are stored otherwise than row by row, or a tensor without a place.
    """
    config = AutoConfig.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)
    if config.model_type not in ROW_WISE:
        raise ModelError(
            f"precision 'gguf' for a model of type {config.model_type!r}",
            " or ".join(ROW_WISE),
            "choose 'int8' or 'nf4', which are packed after loading",
        )
    config.__dict__.pop("quantization_config", None)
    with init_empty_weights(include_buffers=False):
        network = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    for place, packed, kind in _tensors(path, network):
        _put(network, place, packed, kind)
    _tie(network)
    _require_whole(network, path)
    return network.eval()


class _Stored(NamedTuple):
    """A tensor of the file and the name of its place."""

    place: str
    packed: NDArray[Any]
    kind: Any


def _tensors(path: Path, network: Any) -> Iterator[_Stored]:
    """The file's tensors in the network's order of rows. Blocks run along rows, so that exchanging rows keeps them."""
    from gguf import GGUFReader, dequantize
    from transformers.modeling_gguf_pytorch_utils import (
        TENSOR_PROCESSORS,
        TensorProcessor,
        get_gguf_hf_weights_map,
    )

    architecture = network.config.model_type.removesuffix("_text")
    processor = TENSOR_PROCESSORS.get(architecture, TensorProcessor)(config=network.config.to_dict())
    places = get_gguf_hf_weights_map(network, processor)
    for tensor in GGUFReader(path, "c").tensors:
        if tensor.name in places:
            stored = tensor.data if tensor.data.ndim == 2 else dequantize(tensor.data, tensor.tensor_type)
            ordered = processor.process(weights=stored, name=tensor.name).weights
            yield _Stored(places[tensor.name], ordered, tensor.tensor_type)


def _put(network: nn.Module, place: str, packed: NDArray[Any], kind: Any) -> None:
    owner, _, leaf = place.rpartition(".")
    module = network.get_submodule(owner)
    if packed.ndim == 1:
        setattr(module, leaf, nn.Parameter(torch.from_numpy(np.array(packed)), requires_grad=False))
        return
    matrix = PackedMatrix.of(packed, kind)
    if isinstance(module, nn.Embedding):
        network.set_submodule(owner, HeldEmbedding.like(module, matrix))
    else:
        network.set_submodule(owner, HeldLinear(matrix))


def _tie(network: Any) -> None:
    """Let the output layer multiply with the embedding where the file has no matrix of its own for it."""
    embedding = network.get_input_embeddings()
    if isinstance(embedding, HeldEmbedding) and not isinstance(network.lm_head, HeldLinear):
        network.lm_head = HeldLinear(embedding.matrix)


def _require_whole(network: nn.Module, path: Path) -> None:
    empty = [name for name, tensor in network.named_parameters() if tensor.is_meta]
    if empty:
        raise ModelError(
            f"{path.name} has no {empty[0]}", "every weight of the network", "choose a whole GGUF file"
        )
