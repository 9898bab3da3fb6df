"""The script that measures what a precision costs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from losses.scripts import load
from stillroom.models import LanguageModel, TorchPredictor
from stillroom.types import Encoded


def test_it_compares_every_precision_with_the_first(
    make_model: Callable[..., LanguageModel], rows: list[Encoded], tmp_path: Path
) -> None:
    script = load("benchmarks/teacher_precision.py")
    model = make_model()
    model.save(tmp_path)
    settings = {name: script.settings_of(name, "", str(tmp_path)) for name in ("float32", "int8")}
    found = script.compare(settings, rows)
    assert found["float32"]["kl"] == 0
    assert found["float32"]["agreement"] == found["float32"]["times"] == 1
    assert 0 < found["int8"]["kl"] < 1e-4
    logits = np.concatenate(list(TorchPredictor(model).logits(rows))).astype(np.float64)
    targets = np.concatenate([row.targets for row in rows])
    log_z = np.log(np.exp(logits).sum(-1))
    expected = np.exp((log_z - logits[np.arange(len(targets)), targets]).mean())
    assert found["float32"]["perplexity"] == pytest.approx(expected, rel=1e-4)
    held = [script.memory(str(tmp_path), name) for name in settings]
    assert held[1]["held"] < held[0]["held"]
    assert len(script.table(settings, held, found)) == 4
