"""From a network to an ONNX graph that takes clinical units and gives probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from stillroom.export.onnx.quiet import quiet
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.types import ExportError, MissingExtraError
from stillroom.types.cases import Head
from stillroom.types.files import atomic_file

OPSET = 20
OUTPUT = "answer"
_BATCH, _LENGTH = 2, 7


class Answering(nn.Module):
    """A network whose answer is a probability of each class or label, or a value; inputs in the order of their names.

    Args:
        network: in evaluation mode.
        head: what is asked.
        names: of the inputs, in order.
        temperature: what logits are divided by; of labels, one each.
        features: what the network shows that is given beside the answer.
    """

    temperature: Tensor

    def __init__(
        self,
        network: BedsideNetwork,
        head: Head,
        names: tuple[str, ...],
        temperature: Sequence[float],
        features: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.network, self._names, self._kind, self._features = network, names, head.kind, tuple(features)
        self.register_buffer("temperature", torch.tensor(temperature, dtype=torch.float32))

    def forward(self, *inputs: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Answer a batch."""
        shown = self.network(dict(zip(self._names, inputs, strict=True)))
        answer = self._answer(shown.logits)
        return (answer, *(shown.features[name] for name in self._features)) if self._features else answer

    def _answer(self, logits: Tensor) -> Tensor:
        if self._kind == "values":
            return logits
        tempered: Tensor = logits / self.temperature
        return tempered.softmax(-1) if self._kind == "classes" else tempered.sigmoid()


def write_graph(
    network: BedsideNetwork,
    form: Form,
    temperature: Sequence[float],
    path: Path,
    features: Sequence[str] = (),
) -> None:
    """Write an ONNX file.

    Args:
        network: what answers.
        form: its inputs; axes whose length differs stay free, and so does the batch.
        temperature: what logits are divided by; of labels, one each.
        path: the file.
        features: what the network shows that the graph gives beside the answer, by name.

    Raises:
        ExportError: an operation of the network has no form in ONNX.
        MissingExtraError: ``onnx`` or ``onnxscript`` is absent.
    """
    try:
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("onnxscript", "bedside") from error
    names = tuple(sorted(form.shapes))
    answering = Answering(network, form.head, names, temperature, features).eval()
    batch = torch.export.Dim("batch")
    examples, dynamic = [], []
    for name in names:
        examples.append(_example(form.shapes[name], integers=name in form.integers))
        free = {
            axis + 1: torch.export.Dim(f"{name}_{axis}")
            for axis, length in enumerate(form.shapes[name])
            if length is None
        }
        dynamic.append({0: batch, **free})
    # It tells of packages that are absent, and of its own insides.
    with quiet("torch.onnx"):
        try:
            program: Any = torch.onnx.export(
                answering,
                tuple(examples),
                dynamo=True,
                dynamic_shapes=(tuple(dynamic),),
                opset_version=OPSET,
                input_names=list(names),
                output_names=[OUTPUT, *features],
                verbose=False,
            )
        except torch.onnx.errors.OnnxExporterError as error:
            raise ExportError(
                f"a network {type(network).__name__} that cannot be written as ONNX: {type(error).__name__}",
                f"operations of opset {OPSET}",
                "choose another student",
            ) from error
    with atomic_file(path) as file:
        program.save(file)


def _example(shape: tuple[int | None, ...], *, integers: bool) -> Tensor:
    sized = [_BATCH, *(axis or _LENGTH for axis in shape)]
    return torch.zeros(sized, dtype=torch.int64) if integers else torch.zeros(sized)
