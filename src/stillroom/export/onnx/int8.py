"""An ONNX graph whose weights, and where wanted activations, have eight bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from numpy.typing import NDArray

from stillroom.export.onnx.quiet import quiet
from stillroom.types import ExportError, MissingExtraError
from stillroom.types.files import atomic_file

Inputs = Mapping[str, NDArray[Any]]
"""Inputs of a graph by name, a batch of one or more."""

_STATIC = ["Conv", "Gemm", "MatMul"]
_DYNAMIC = ["Gather", "Gemm", "MatMul"]


def write_int8(
    graph: Path, path: Path, kind: Literal["dynamic", "static"], calibration: Sequence[Inputs]
) -> None:
    """Write a graph anew, with its convolutions, matrices and tables in eight bits.

    Weights have seven bits' range, so that sums of products cannot saturate on processors without VNNI and every
    machine answers alike; each output channel has a scale of its own. Scaling, normalisation, masks and the
    temperature stay in float32.

    Args:
        graph: the float32 graph.
        path: of the new one.
        kind: dynamic: activations are rounded by the range of each answer; static: by the ranges that calibration saw.
        calibration: inputs that ``static`` takes ranges from, of training data.

    Raises:
        ExportError: the runtime cannot quantise the graph, or there is nothing in it to quantise.
        MissingExtraError: ONNX Runtime is absent.
    """
    try:
        from onnxruntime import quantization
    except ImportError as error:
        raise MissingExtraError.of("onnxruntime", "bedside") from error
    common = {"per_channel": True, "reduce_range": True}
    # It advises to prepare the graph, which the exporter has done.
    with TemporaryDirectory() as folder, quiet():
        made = Path(folder) / "int8.onnx"
        try:
            if kind == "dynamic":
                quantization.quantize_dynamic(
                    graph,
                    made,
                    op_types_to_quantize=_DYNAMIC,
                    weight_type=quantization.QuantType.QInt8,
                    **common,
                )
            else:
                quantization.quantize_static(
                    graph,
                    made,
                    _Calibration(calibration),
                    quant_format=quantization.QuantFormat.QDQ,
                    op_types_to_quantize=_STATIC,
                    activation_type=quantization.QuantType.QUInt8,
                    weight_type=quantization.QuantType.QInt8,
                    **common,
                )
        except Exception as error:  # the quantiser has no public base of its errors
            raise ExportError(
                f"a graph that cannot be quantised: {type(error).__name__}",
                "convolutions or matrices of float32",
                "leave out `export.int8`",
            ) from error
        with atomic_file(path) as file:
            file.write_bytes(made.read_bytes())


class _Calibration:
    """Gives the quantiser one input after the other."""

    def __init__(self, inputs: Sequence[Inputs]) -> None:
        self._left = iter(inputs)

    def get_next(self) -> Inputs | None:
        """The next input; None when there are no more."""
        return next(self._left, None)
