from __future__ import annotations

import numpy as np

from stillroom.validate.explain.explainer import Attributed, Remembered

OUTPUTS = np.array([0, 1])


class Counted:
    """Counts its questions; keeps of each case as much as it is given."""

    units, present = ("a", "b"), np.ones((2, 2), dtype=bool)

    def __init__(self) -> None:
        self.asked = 0

    def attributed(self, outputs: np.ndarray) -> Attributed:
        self.asked += 1
        return Attributed(np.stack([outputs, 1.0 - outputs], axis=1), None)

    def scores(self, outputs: np.ndarray, kept: np.ndarray) -> np.ndarray:
        self.asked += 1
        return kept.mean(axis=1) + outputs

    def attention(self) -> dict[str, np.ndarray]:
        return {"steps": np.eye(2)}


def test_equal_questions_are_asked_once_and_others_by_themselves() -> None:
    counted = Counted()
    remembered = Remembered(counted)
    every, first = np.ones((2, 2), dtype=bool), np.array([[True, False], [True, False]])
    for _ in range(3):
        assert remembered.scores(OUTPUTS, every).tolist() == [1.0, 2.0]
        assert remembered.scores(OUTPUTS, first).tolist() == [0.5, 1.5]
        assert remembered.scores(1 - OUTPUTS, first).tolist() == [1.5, 0.5]
        assert remembered.attributed(OUTPUTS).values.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert counted.asked == 4
    assert remembered.units == counted.units
    assert remembered.attention().keys() == {"steps"}
