"""Evidence on disk, and beside it the resamples by which another run on the same items can be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from stillroom.types import Evidence, Subject
from stillroom.types.files import atomic_file, fingerprint, write_json

EVIDENCE_FILE, DRAWS_FILE = "evidence.json", "draws.safetensors"
_TENSOR = "draws"
Draws = Mapping[tuple[str, Subject], NDArray[Any]]


def write_evidence(folder: Path, evidence: Evidence) -> None:
    """Write ``evidence.json``, and the resamples of all figures that have as many as most, ``(figures, repeats)``.

    The file of resamples names the metrics that it belongs to by their hash.
    """
    write_json(folder / EVIDENCE_FILE, evidence.to_dict())
    lengths = [len(of) for of in evidence.draws.values()]
    if not lengths:
        return
    usual = max(set(lengths), key=lengths.count)
    kept = {key: of for key, of in evidence.draws.items() if len(of) == usual}
    about = {"keys": json.dumps([list(key) for key in kept]), "metrics_sha256": _metrics_sha256(evidence)}
    with atomic_file(folder / DRAWS_FILE) as path:
        save_file({_TENSOR: np.stack(list(kept.values()))}, path, metadata=about)


def load_draws(path: Path, evidence: Evidence) -> Draws:
    """Read the resamples of this evidence; nothing where the file is missing, damaged, or of other evidence."""
    try:
        with safe_open(path, framework="numpy") as file:
            about, draws = file.metadata(), file.get_tensor(_TENSOR)
    except (OSError, SafetensorError):
        return {}
    if not about or about.get("metrics_sha256") != _metrics_sha256(evidence):
        return {}
    return {
        (name, subject): row for (name, subject), row in zip(json.loads(about["keys"]), draws, strict=True)
    }


def _metrics_sha256(evidence: Evidence) -> str:
    return fingerprint([asdict(metric) for metric in evidence.metrics])
