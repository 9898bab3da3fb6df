"""The rotary frequencies of an OpenVINO graph, put right."""

from __future__ import annotations

from typing import Any

import numpy as np

from stillroom.export.rope import Array
from stillroom.types import ExportError

_AS_CONSTRAINED = "use the OpenVINO of the constraints file"


def set_frequencies(model: Any, frequencies: Array) -> None:
    """Put rotary frequencies into a graph that GenAI made of a GGUF file.

    GenAI's reader (2026.4) knows no ``rope_freqs``, and keeps frequencies in 16 bits: a quarter of a radian off at
    position 1,000.

    Args:
        model: the graph; changed in place.
        frequencies: in radians a position, shape ``(head_dim / 2,)``.

    Raises:
        ExportError: its positions are not made in the way that is known.
    """
    from openvino import opset13 as ops

    node = _source(model)
    shape = list(node.get_output_shape(0))
    if np.prod(shape) != frequencies.size:
        found, wanted = f"{np.prod(shape)} rotary frequencies", f"{frequencies.size}"
        raise ExportError(f"OpenVINO made a graph with {found}", wanted, _AS_CONSTRAINED)
    reader = next(iter(node.output(0).get_target_inputs())).get_node()
    old = reader if reader.get_type_name() == "Convert" else node
    new = ops.constant(frequencies.astype(np.float32).reshape(shape))
    old.output(0).replace(new.output(0))


def _source(model: Any) -> Any:
    """The constant that the angles of all positions come from: the first input of what the cosine is taken of."""
    node = next((node for node in model.get_ops() if node.get_type_name() == "Cos"), None)
    while node is not None and node.get_type_name() != "Constant":
        node = node.input_value(0).get_node() if node.get_input_size() else None
    if node is None:
        raise ExportError(
            "OpenVINO made a graph without rotary frequencies", "one constant of them", _AS_CONSTRAINED
        )
    return node
