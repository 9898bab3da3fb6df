"""Layers whose matrix is held in few bytes and taken apart only while it is multiplied."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn


class HeldMatrix(nn.Module, ABC):
    """A matrix in a format of few bytes. Its tensors are frozen parameters, so they are moved and named like weights.

    Attributes:
        shape: rows and columns of the matrix itself.
        precision: name of the format.
    """

    precision: ClassVar[str]

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__()
        self.shape = shape

    @abstractmethod
    def dense(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """The matrix, dequantised."""

    def rows(self, ids: Tensor) -> Tensor:
        """Some of its rows, float32."""
        return self.dense()[ids]

    def keep(self, **tensors: Tensor) -> None:
        """Register the tensors that the matrix is held in."""
        for name, tensor in tensors.items():
            self.register_parameter(name, nn.Parameter(tensor, requires_grad=False))

    def forward(self, inputs: Tensor) -> Tensor:
        """Inputs times the matrix, transposed; in the inputs' format."""
        product: Tensor = _Product.apply(inputs, self)  # type: ignore[no-untyped-call]
        return product


class _Product(torch.autograd.Function):
    """A product that dequantises again on the way back, rather than keep every layer's dense matrix until then."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, matrix: HeldMatrix) -> Tensor:
        ctx.matrix = matrix
        return inputs @ matrix.dense(inputs.dtype).T

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient @ ctx.matrix.dense(gradient.dtype), None


class HeldLinear(nn.Linear):
    """A linear layer over a held matrix, for inference and for adapters beside it: the matrix itself learns nothing."""

    def __init__(self, matrix: HeldMatrix, bias: Tensor | None = None) -> None:
        nn.Module.__init__(self)
        self.out_features, self.in_features = matrix.shape
        self.matrix = matrix
        self.register_parameter("bias", None if bias is None else nn.Parameter(bias, requires_grad=False))

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """The matrix, dequantised to float32: a new tensor each time."""
        return self.matrix.dense()

    def forward(self, input: Tensor) -> Tensor:
        """Multiply in the inputs' format, or in autocast's."""
        device = input.device.type
        if torch.is_autocast_enabled(device):
            input = input.to(torch.get_autocast_dtype(device))
        output: Tensor = self.matrix(input)
        return output if self.bias is None else output + self.bias.to(output.dtype)


class HeldEmbedding(nn.Embedding):
    """An embedding over a held matrix, whose rows are dequantised as they are looked up."""

    def __init__(self, matrix: HeldMatrix, padding_idx: int | None = None, scale: float = 1.0) -> None:
        """Hold a matrix; ``scale`` multiplies every row, as the Gemma family's embedding does."""
        nn.Module.__init__(self)
        self.num_embeddings, self.embedding_dim = matrix.shape
        self.padding_idx = padding_idx
        self.matrix = matrix
        self.scale = scale

    @classmethod
    def like(cls, embedding: nn.Embedding, matrix: HeldMatrix) -> Self:
        """Put a matrix in the place of an embedding's own."""
        return cls(matrix, embedding.padding_idx, float(getattr(embedding, "scalar_embed_scale", 1.0)))

    @property
    def weight(self) -> Tensor:  # type: ignore[override]
        """The matrix, dequantised to float32: a new tensor each time."""
        return self.matrix.dense()

    def forward(self, input: Tensor) -> Tensor:
        """Look rows up, float32."""
        return self.matrix.rows(input) * self.scale


def held_matrices(network: nn.Module) -> list[HeldMatrix]:
    """Every held matrix of a network, tied ones once."""
    return [module for module in network.modules() if isinstance(module, HeldMatrix)]


def count_parameters(network: nn.Module) -> int:
    """Entries of all matrices and vectors, whatever they are held in, tied ones once.

    >>> count_parameters(nn.Linear(3, 2))
    8
    """
    matrices = held_matrices(network)
    held = {id(tensor) for matrix in matrices for tensor in matrix.parameters()}
    plain = sum(tensor.numel() for tensor in network.parameters() if id(tensor) not in held)
    return plain + sum(math.prod(matrix.shape) for matrix in matrices)


def held_bytes(network: nn.Module) -> int:
    """Bytes of all parameters and buffers, tied ones once.

    >>> held_bytes(nn.Linear(3, 2))
    32
    """
    return sum(tensor.nbytes for tensor in {*network.parameters(), *network.buffers()})
