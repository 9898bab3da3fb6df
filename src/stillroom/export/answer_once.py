"""Open a bundle, answer one prompt, print this process's peak memory: ``python -m`` this with a bundle."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from stillroom.export.bundle import Bundle
from stillroom.export.memory import FLOAT
from stillroom.export.speed import Decoder


def main(arguments: list[str]) -> None:
    """Answer the prompt on standard input (a JSON list of ids) and print the peak in bytes."""
    path, model, max_new_tokens = arguments
    bundle = Bundle.open(Path(path))
    decoder = _torch(bundle) if model == FLOAT else bundle.predictor(model)
    token = decoder.prefill(json.load(sys.stdin))
    for _ in range(int(max_new_tokens) - 1):
        token = decoder.decode(token)
    sys.stdout.write(f"{_high_water_mark()}\n")


def _torch(bundle: Bundle) -> Decoder:
    import torch
    from transformers import LlamaForCausalLM

    from stillroom.export.torch_decoder import TorchDecoder

    return TorchDecoder(
        LlamaForCausalLM.from_pretrained(bundle.float_path, dtype=torch.float32, local_files_only=True)
    )


def _high_water_mark() -> int:
    """Highest resident memory of this process, in bytes.

    Linux hands the parent's ``ru_maxrss`` on to a child, so ``/proc`` is asked where it exists.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main(sys.argv[1:])
