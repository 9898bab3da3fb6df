"""A compiled OpenVINO graph, without telemetry and without the network."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from stillroom.export.settings import RuntimePrecision
from stillroom.types import ExportError, MissingExtraError

GRAPH = "openvino_model.xml"
FIRST = "first"
"""Input of the compiled graph: index of the first position whose logits are wanted."""

_END = np.iinfo(np.int64).max
_TIME_AXIS = 1


def openvino() -> ModuleType:
    """Import OpenVINO with its usage telemetry switched off for this process.

    A plain ``import openvino`` sends an event and writes a client id into the home folder unless the user has
    opted out by a file there. Where the telemetry package cannot be imported, OpenVINO uses its own stub.

    Raises:
        MissingExtraError: the package is absent.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino
        import openvino_genai  # noqa: F401
    except ImportError as error:
        raise MissingExtraError.of("openvino-genai", "export") from error
    return openvino  # type: ignore[no-any-return]


def compile_graph(path: Path, precision: RuntimePrecision) -> Any:
    """Compile a saved graph for this processor.

    The output matrix is applied only from position ``first`` on: reading a prompt needs the last position
    alone, and of a training row only the response counts.

    Raises:
        ExportError: the file is no such graph.
    """
    core = openvino().Core()
    try:
        model = core.read_model(path)
    except RuntimeError as error:
        raise ExportError(
            f"OpenVINO cannot read {path.name}: {last_line(error)}",
            "the graph that the export wrote",
            "export again",
        ) from error
    _skip_positions_before_first(model)
    return core.compile_model(model, "CPU", _properties(precision))


def _properties(precision: RuntimePrecision) -> dict[str, Any]:
    """Leave no number format to OpenVINO's choice.

    By default it keeps keys and values in 8 bits, and on some processors rounds activations to bfloat16 or to
    8 bits: figures measured on one machine would not hold on another.
    """
    return {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": precision,
        "KV_CACHE_PRECISION": precision,
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0",
    }


def _skip_positions_before_first(model: Any) -> None:
    from openvino import opset13 as ops

    head = model.output("logits").get_node().input_value(0).get_node()
    first = ops.parameter([1], np.int64, name=FIRST)
    first.output(0).get_tensor().set_names({FIRST})
    wanted = ops.slice(head.input_value(0), first, [_END], [1], [_TIME_AXIS])
    head.input(0).replace_source_output(wanted.output(0))
    model.add_parameters([first])
    model.validate_nodes_and_infer_types()


def last_line(error: Exception) -> str:
    """The last line of an error of OpenVINO that says something: what comes before it names files of its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
