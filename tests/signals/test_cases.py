from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bedside_cases import made_cohort
from stillroom.signals.cases import CaseSignals
from stillroom.types import SignalError
from stillroom.types.cases import LOGITS

CASES = made_cohort().splits["train"][:3]
NAMES = [case.sha256 for case in CASES]


def test_signals_read_back_by_content_in_any_order(tmp_path: Path) -> None:
    said = [np.full(2, number, np.float32) for number in range(3)]
    CaseSignals(NAMES, {LOGITS: said}).save(tmp_path / "said.safetensors")
    found = CaseSignals.load(tmp_path / "said.safetensors").of(LOGITS, [CASES[2], CASES[0]])
    assert found.tolist() == [[2.0, 2.0], [0.0, 0.0]]
    assert (tmp_path / "said.safetensors").stat().st_mode & 0o777 == 0o600


def test_shorter_cases_are_filled(tmp_path: Path) -> None:
    said = [np.ones((number + 1, 2), np.float32) for number in range(3)]
    CaseSignals(NAMES, {LOGITS: said}).save(tmp_path / "said.safetensors")
    found = CaseSignals.load(tmp_path / "said.safetensors").of(LOGITS, CASES)
    assert found.shape == (3, 3, 2)
    assert found.isnan().sum(-1)[:, -1].tolist() == [2, 2, 0]


def test_what_was_not_recorded_is_told() -> None:
    with pytest.raises(SignalError, match="reads 'pooled' of the teacher"):
        CaseSignals(NAMES, {LOGITS: [np.zeros(2, np.float32)] * 3}).of("pooled", CASES)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "said.safetensors").write_bytes(b"nothing")
    with pytest.raises(SignalError, match="holds no signals"):
        CaseSignals.load(tmp_path / "said.safetensors")
