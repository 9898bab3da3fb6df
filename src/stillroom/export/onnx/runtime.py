"""ONNX Runtime on one core: what the bundle answers, and how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import ExportError, MissingExtraError
from stillroom.types.calibrators import AnyCalibrator, calibrated
from stillroom.types.cases import Case

Array = NDArray[np.float32]
_AT_ONCE = 256
_WARM_UP = 20


class OnnxModel:
    """An ONNX graph in its runtime, on one core.

    Args:
        path: the file.
        calibrator: what becomes of the graph's answers; None: they stay as they are.

    Raises:
        ExportError: the file is no graph that the runtime can read.
        MissingExtraError: ONNX Runtime is absent.
    """

    def __init__(self, path: Path, calibrator: AnyCalibrator | None = None) -> None:
        self._calibrator = calibrator
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingExtraError.of("onnxruntime", "bedside") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        try:
            self._session: Any = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime has no public base of its errors
            raise ExportError(
                f"{path} is no ONNX graph that can be read", "the file as it was exported", "export again"
            ) from error
        self.inputs = tuple(item.name for item in self._session.get_inputs())
        self.outputs = tuple(item.name for item in self._session.get_outputs())

    def answer(self, inputs: Mapping[str, NDArray[Any]]) -> Array:
        """Answer a batch: probabilities of classes or labels, or values, shape ``(batch, *positions, outputs)``."""
        answer = np.asarray(self._session.run(None, {name: inputs[name] for name in self.inputs})[0])
        return calibrated(answer, self._calibrator)

    def shown(self, cases: Sequence[Case]) -> dict[str, Array]:
        """All outputs for cases of one shape, by name: the answer, and features that the graph gives beside it."""
        parts = [cases[start : start + _AT_ONCE] for start in range(0, len(cases), _AT_ONCE)]
        found = [
            self._session.run(None, {name: _batch(part)[name] for name in self.inputs}) for part in parts
        ]
        answer, *features = (np.concatenate(of) for of in zip(*found, strict=True))
        return dict(zip(self.outputs, (calibrated(answer, self._calibrator), *features), strict=True))

    def answers(self, cases: Sequence[Case]) -> list[Array]:
        """Answer each case; cases of one shape go together."""
        if any(len({case.inputs[name].shape for case in cases}) > 1 for name in self.inputs):
            return [self.answer(_batch([case]))[0] for case in cases]
        parts = [cases[start : start + _AT_ONCE] for start in range(0, len(cases), _AT_ONCE)]
        return [row for part in parts for row in self.answer(_batch(part))]

    def milliseconds(self, cases: Sequence[Case], repeats: int) -> tuple[float, ...]:
        """Time of each of ``repeats`` answers to one case, the cases in turn, after a warm-up."""
        batches = [_batch([case]) for case in cases[:_AT_ONCE]]
        times = []
        for turn in range(_WARM_UP + repeats):
            start = perf_counter()
            self.answer(batches[turn % len(batches)])
            times.append(1000 * (perf_counter() - start))
        return tuple(times[_WARM_UP:])


def _batch(cases: Sequence[Case]) -> dict[str, NDArray[Any]]:
    return {name: np.stack([case.inputs[name] for case in cases]) for name in cases[0].inputs}
