"""Peak memory of a fresh process that opens a bundle and answers one prompt."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from stillroom.types import ExportError

FLOAT = "float"
"""Stands for the float weights in PyTorch, where a weight type of the bundle could be named."""

_CHILD = "stillroom.export.answer_once"


def peak_memory_bytes(bundle: Path, model: str, prompt: Sequence[int], max_new_tokens: int) -> int:
    """Measure the whole cost of use: interpreter, runtime, weights and one answer.

    Args:
        bundle: folder of the bundle.
        model: a weight type of the bundle, or ``float`` for its float weights in PyTorch.
        prompt: token ids.
        max_new_tokens: length of the answer at most.

    Returns:
        The greatest resident memory of that process, in bytes.

    Raises:
        ExportError: the process failed.
    """
    done = subprocess.run(  # noqa: S603 (our own module, arguments as a list, no shell)
        [sys.executable, "-m", _CHILD, str(bundle), model, str(max_new_tokens)],
        input=json.dumps(list(prompt)),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ExportError(
            f"answering in a fresh process failed: {last}", "an answer", "open the bundle alone"
        )
    return int(done.stdout.split()[-1])
