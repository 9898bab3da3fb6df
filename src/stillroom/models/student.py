"""A student cut from its teacher's own layers."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM

from stillroom.models.language_model import LanguageModel
from stillroom.models.settings import StudentSettings
from stillroom.types import ModelError


def every_kth(teacher_layers: int, student_layers: int) -> tuple[int, ...]:
    """Map student layer k to the last teacher layer of its k-th block: hidden state k·m → k.

    >>> every_kth(30, 10)
    (2, 5, 8, 11, 14, 17, 20, 23, 26, 29)
    """
    if teacher_layers % student_layers:
        raise ValueError(f"{teacher_layers} layers do not divide into {student_layers} equal blocks")
    block = teacher_layers // student_layers
    return tuple(range(block - 1, teacher_layers, block))


def build_student(teacher: LanguageModel, settings: StudentSettings) -> LanguageModel:
    """Copy embeddings, norms and the chosen layers of the teacher into a smaller network.

    Teacher and student share no memory afterwards. Widths, heads and vocabulary stay the teacher's; tied embeddings
    stay tied.

    Raises:
        ModelError: the layers are not ascending indices of the teacher.
    """
    layers = settings.layers
    depth = teacher.network.config.num_hidden_layers
    if any(a >= b for a, b in pairwise(layers)) or layers[0] < 0 or layers[-1] >= depth:
        raise ModelError(
            f"student.layers is {list(layers)}",
            f"ascending indices from 0 to {depth - 1}",
            "correct student.layers",
        )
    config = LlamaConfig.from_dict({**teacher.network.config.to_dict(), "num_hidden_layers": len(layers)})
    with torch.device("meta"):
        network = LlamaForCausalLM(config)
    network.to_empty(device="cpu")
    network.tie_weights()
    _copy(teacher.network, network, layers)
    return LanguageModel(network, teacher.tokenizer, teacher.sources)


@torch.no_grad()
def _copy(teacher: nn.Module, student: nn.Module, layers: tuple[int, ...]) -> None:
    source = {**dict(teacher.named_parameters()), **dict(teacher.named_buffers())}
    for name, target in [*student.named_parameters(), *student.named_buffers()]:
        target.copy_(source[_teacher_name(name, layers)])


def _teacher_name(name: str, layers: tuple[int, ...]) -> str:
    prefix, found, rest = name.partition("model.layers.")
    if not found:
        return name
    index, _, tail = rest.partition(".")
    return f"{prefix}{found}{layers[int(index)]}.{tail}"


def mapped_layers(layers: tuple[int, ...], depth: int) -> tuple[int, ...]:
    """Map each student layer to the teacher layer whose output its own should equal.

    The student's layer k + 1 was the teacher's layer ``layers[k + 1]``, so layer k should hand over what that one
    is used to: the output of the teacher layer before it. The last student layer is mapped to the teacher's last.

    >>> mapped_layers((0, 3, 6, 9), depth=12)
    (2, 5, 8, 11)
    """
    return (*(layer - 1 for layer in layers[1:]), depth - 1)
