from __future__ import annotations

import numpy as np
import pytest

from stillroom.export import Parity, parity
from stillroom.export.parity import kl_divergence
from stillroom.types import ExportError


def logits(*probabilities: list[float]) -> np.ndarray:
    return np.log(np.array(probabilities, dtype=np.float32))


def test_a_runtime_agrees_fully_with_itself() -> None:
    rows = [np.random.default_rng(i).normal(size=(3, 7)).astype(np.float32) for i in range(2)]
    assert parity(rows, rows) == Parity(1.0, 0.0, 0.0, 6)


def test_values_by_hand() -> None:
    found = parity([logits([0.5, 0.5], [0.9, 0.1])], [logits([0.25, 0.75], [0.9, 0.1])])
    kl = 0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75)
    assert found.kl == pytest.approx(kl / 2, rel=1e-5)
    assert found.top1_agreement == 0.5
    assert found.max_abs_difference == pytest.approx(np.log(2), rel=1e-5)


def test_divergence_runs_from_the_reference() -> None:
    ours, theirs = logits([0.9, 0.1]), logits([0.5, 0.5])
    assert kl_divergence(ours, theirs)[0] == pytest.approx(0.9 * np.log(1.8) + 0.1 * np.log(0.2), rel=1e-5)


def test_a_constant_added_to_all_logits_changes_nothing_but_the_difference() -> None:
    row = logits([0.7, 0.2, 0.1])
    found = parity([row], [row + 4])
    assert (found.top1_agreement, found.kl) == (1.0, pytest.approx(0.0, abs=1e-7))
    assert found.max_abs_difference == pytest.approx(4.0)


def test_positions_count_alike_however_they_fall_into_rows() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(size=(2, 6, 9)).astype(np.float32)
    whole = parity([ours], [theirs])
    parts = parity([ours[:1], ours[1:]], [theirs[:1], theirs[1:]])
    assert parts.kl == pytest.approx(whole.kl)
    assert (parts.top1_agreement, parts.positions) == (whole.top1_agreement, whole.positions)


@pytest.mark.parametrize("theirs", [[], [np.zeros((2, 3))], [np.zeros((1, 4))]])
def test_other_rows_or_shapes_are_refused(theirs: list[np.ndarray]) -> None:
    with pytest.raises(ExportError, match="logits of shape"):
        parity([np.zeros((1, 3), dtype=np.float32)], theirs)


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ExportError, match="no response positions"):
        parity([], [])
