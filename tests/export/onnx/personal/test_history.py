from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stillroom.export.onnx.personal.adapter import Adapter, adapted, logits_of
from stillroom.export.onnx.personal.history import HISTORY_FILE, Entry, History, read_history
from stillroom.export.onnx.personal.plan import plan_of
from stillroom.types import ExportError

BUNDLE: Any = SimpleNamespace(fingerprint="abc", manifest=SimpleNamespace(name="made", files={}))


def grown(history: History, bias: float) -> History:
    entry = Entry(
        number=len(history.entries) + 1,
        kind="update",
        reason="made",
        hour=24.0,
        bias=bias,
        before=history.last,
    )
    return history.grown(entry)


def test_nothing_is_erased_by_a_return(tmp_path: Path) -> None:
    history = grown(grown(History(bundle="abc"), 0.5), 0.9).rolled_back(1)
    history.save(tmp_path)
    read = read_history(tmp_path, BUNDLE)
    assert [entry.bias for entry in read.entries] == [0.5, 0.9, 0.5]
    assert read.entries[-1].kind == "rollback"
    assert read.adapter == Adapter(0.5)
    assert read.rolled_back(0).adapter == Adapter()
    assert (tmp_path / HISTORY_FILE).stat().st_mode & 0o777 == 0o600


def test_a_changed_history_is_not_trusted(tmp_path: Path) -> None:
    grown(grown(History(bundle="abc"), 0.5), 0.9).save(tmp_path)
    path = tmp_path / HISTORY_FILE
    data = json.loads(path.read_text())
    data["entries"][0]["bias"] = 1.4
    path.write_text(json.dumps(data))
    with pytest.raises(ExportError, match=r"entry 2 of .* does not follow"):
        read_history(tmp_path, BUNDLE)


def test_a_history_of_another_bundle_is_refused(tmp_path: Path) -> None:
    grown(History(bundle="another"), 0.5).save(tmp_path)
    with pytest.raises(ExportError, match="belongs to another bundle"):
        read_history(tmp_path, BUNDLE)


def test_there_is_no_return_to_what_never_was() -> None:
    with pytest.raises(ExportError, match="entry 3 of 1"):
        grown(History(bundle="abc"), 0.5).rolled_back(3)


@pytest.mark.parametrize("bias", [-50.0, -1.0, 0.0, 1.0, 50.0])
def test_no_risk_moves_farther_than_the_plan_allows(bias: float) -> None:
    risks = np.linspace(0.01, 0.99, 9)
    features = np.random.default_rng(0).normal(size=(9, 2))
    moved = adapted(logits_of(risks), features, Adapter(bias, (30.0, -30.0)), most_shift=1.5)
    assert np.abs(logits_of(moved) - logits_of(risks)).max() <= 1.5 + 1e-9


def test_the_population_is_the_locked_model() -> None:
    risks = np.linspace(0.01, 0.99, 9)
    np.testing.assert_allclose(adapted(logits_of(risks), np.zeros((9, 0)), Adapter(), 1.5), risks, rtol=1e-12)


def test_a_bundle_without_a_plan_is_locked() -> None:
    with pytest.raises(ExportError, match=r"bundle 'made' is locked: it holds no change_plan\.json"):
        plan_of(BUNDLE)
