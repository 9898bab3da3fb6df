"""How long a graph takes and how much memory, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from stillroom.export.onnx.runtime import OnnxModel
from stillroom.types import ExportError
from stillroom.types.cases import Case
from stillroom.types.memory import peak_memory_bytes, reset_peak_memory, resident_bytes

_CASES = 8


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one answer costs on this machine, on one core.

    Attributes:
        answer_ms: median time of an answer to one case.
        memory_bytes: resident memory that the process gained by loading the graph and answering, at its peak.
    """

    answer_ms: float
    memory_bytes: int


def footprint(graph: Path, cases: Sequence[Case], repeats: int) -> Footprint:
    """Load a graph in a fresh process, let it answer, and watch.

    Args:
        graph: the ONNX file.
        cases: asked about in turn.
        repeats: timed answers.

    Raises:
        ExportError: the process could not answer.
    """
    with TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.npz"
        np.savez(inputs, **_arrays(cases[:_CASES]))
        command = [sys.executable, "-m", __name__, str(graph), str(inputs), str(repeats)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if ended.returncode:
        raise ExportError(
            f"a process that ended with {ended.returncode} instead of an answer",
            "a graph that the runtime can read",
            "export again",
        )
    return Footprint(**json.loads(ended.stdout))


def _arrays(cases: Sequence[Case]) -> dict[str, Any]:
    return {name: np.stack([case.inputs[name] for case in cases]) for name in cases[0].inputs}


def _watched(graph: Path, inputs: Path, repeats: int) -> Footprint:
    with np.load(inputs, allow_pickle=False) as archive:
        arrays = dict(archive)
    count = len(next(iter(arrays.values())))
    cases = [
        Case(str(at), str(at), {name: of[at] for name, of in arrays.items()}, np.asarray(0))
        for at in range(count)
    ]
    import onnxruntime  # noqa: F401 - the runtime's own code is no part of the model

    reset_peak_memory()
    before = resident_bytes()
    times = OnnxModel(graph).milliseconds(cases, repeats)
    return Footprint(median(times), max(0, peak_memory_bytes() - before))


if __name__ == "__main__":
    found = _watched(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps({"answer_ms": found.answer_ms, "memory_bytes": found.memory_bytes}))
