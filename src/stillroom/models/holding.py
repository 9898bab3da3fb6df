"""How a teacher is held while it teaches: number format, device, and where its layers wait for their turn."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from stillroom.models.language_model import LanguageModel
from stillroom.models.offload import offload_layers
from stillroom.models.quantised import HeldEmbedding, HeldLinear, HeldMatrix
from stillroom.models.quantised_nf4 import Nf4Matrix
from stillroom.models.quantised_plain import Bfloat16Matrix, Int8Matrix
from stillroom.models.settings import TeacherSettings, WeightPrecision
from stillroom.types import ModelError

_FORMATS: Mapping[WeightPrecision, Callable[[Tensor], HeldMatrix]] = {
    "bfloat16": Bfloat16Matrix.of,
    "int8": Int8Matrix.of,
    "nf4": Nf4Matrix.of,
}


def hold_teacher(model: LanguageModel, settings: TeacherSettings, device: torch.device) -> LanguageModel:
    """Hold a teacher as its recipe says.

    Args:
        model: the teacher in full precision; its weights stay as they are.
        settings: ``precision`` and ``offload``; ``gguf`` is for models that are loaded packed.
        device: where it computes.

    Raises:
        ModelError: offloading without a device to offload from.
        MissingExtraError: ``nf4`` without bitsandbytes.
    """
    require_device(settings, device)
    precision = settings.precision
    held = model if precision == "float32" or precision == "gguf" else hold(model, precision)
    return placed(held, device, offload=settings.offload)


def hold(model: LanguageModel, precision: WeightPrecision) -> LanguageModel:
    """Hold the layers' matrices in ``precision``; embedding and output matrix in bfloat16, norms in float32.

    The given model keeps its weights. What is multiplied is dequantised first, so that activations and logits are
    float32 as before, or in autocast's format.
    """
    matrices = [m.weight for m in model.network.modules() if isinstance(m, nn.Linear | nn.Embedding)]
    network: Any = copy.deepcopy(model.network, {id(matrix): matrix for matrix in matrices}).eval()
    hold_linear(network, precision)
    _hold_ends(network)
    _widen(network)
    return replace(model, network=network.requires_grad_(False))


def hold_linear(network: Any, precision: WeightPrecision) -> None:
    """Hold every linear layer but the output one in ``precision``, in place, one after the other.

    Matrices are rounded on the device that is fastest at it, and stay where they were.
    """
    output, device = network.get_output_embeddings(), teaching_device()
    for name, module in list(network.named_modules()):
        if isinstance(module, nn.Linear) and module is not output:
            bias = None if module.bias is None else module.bias.detach().float()
            matrix = _FORMATS[precision](module.weight.to(device)).to(module.weight.device)
            network.set_submodule(name, HeldLinear(matrix, bias))


def release_linear(network: nn.Module) -> None:
    """Give every held linear layer an ordinary float32 matrix again: the one that it was rounded to."""
    for name, module in list(network.named_modules()):
        if isinstance(module, HeldLinear):
            plain = nn.Linear(module.in_features, module.out_features, module.bias is not None, device="meta")
            plain.weight = nn.Parameter(module.weight)
            if module.bias is not None:
                plain.bias = nn.Parameter(module.bias.detach())
            network.set_submodule(name, plain)


def placed(model: LanguageModel, device: torch.device, *, offload: bool) -> LanguageModel:
    """Move a model to where it computes; with ``offload`` its layers stay on the CPU between their turns."""
    if offload:
        offload_layers(model.network, device)
    elif device.type != "cpu":
        model.network.to(device)
    return model


def teaching_device() -> torch.device:
    """This process's CUDA device, or the CPU."""
    return (
        torch.device("cuda", torch.cuda.current_device())
        if torch.cuda.is_available()
        else torch.device("cpu")
    )


def require_device(settings: TeacherSettings, device: torch.device) -> None:
    """Refuse what makes no sense on a device.

    Raises:
        ModelError: offloading on a machine whose only device is the CPU.
    """
    if settings.offload and device.type == "cpu":
        raise ModelError(
            "teacher.offload: true on a machine without an accelerator",
            "a CUDA device, whose memory the CPU's would spare",
            "set teacher.offload: false; to need less memory on a CPU choose teacher.precision int8, nf4 or gguf",
        )


def _widen(network: nn.Module) -> None:
    """Norms in float32, whatever the model was loaded in."""
    for module in network.modules():
        if not isinstance(module, HeldMatrix):
            for parameter in module.parameters(recurse=False):
                parameter.data = parameter.data.float()


def _hold_ends(network: Any) -> None:
    """Embedding and output matrix in bfloat16, tied as before."""
    embedding, output = network.get_input_embeddings(), network.get_output_embeddings()
    matrix = Bfloat16Matrix.of(embedding.weight)
    tied = output.weight is embedding.weight
    network.set_input_embeddings(HeldEmbedding.like(embedding, matrix))
    network.set_output_embeddings(HeldLinear(matrix if tied else Bfloat16Matrix.of(output.weight)))
