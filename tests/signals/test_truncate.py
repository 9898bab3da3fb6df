from __future__ import annotations

import numpy as np
import pytest

from stillroom.signals.truncate import truncate


def test_the_likeliest_classes_stay_and_the_rest_is_the_tail() -> None:
    found = truncate(np.array([[0.1, 0.0, 0.5, 0.3]]), np.array([0]), 2, 2.0).top_k
    assert found.ids.tolist() == [[2, 3]]
    assert found.log_probs.exp().tolist() == [pytest.approx([0.5, 0.3])]
    assert found.tail is not None
    assert found.tail.exp().tolist() == pytest.approx([0.2])
    assert found.temperature == 2.0


def test_where_too_little_could_be_carried_the_hard_label_takes_all() -> None:
    found = truncate(np.array([[0.3, 0.1, 0.0], [0.4, 0.3, 0.0]]), np.array([2, 1]), 2, 1.0)
    assert found.weights.tolist() == [0.0, 1.0]
    assert found.top_k.ids[0, 0] == 2
    assert found.top_k.log_probs[0].exp().tolist() == pytest.approx([1.0, 0.0], abs=1e-6)


def test_every_number_is_finite() -> None:
    found = truncate(np.eye(4), np.arange(4), 3, 1.0).top_k
    assert found.tail is not None
    assert np.isfinite(found.log_probs.numpy()).all()
    assert np.isfinite(found.tail.numpy()).all()
