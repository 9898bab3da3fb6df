"""Language models under attack: one that knows its training rows is told, one that knows all alike is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from stillroom.data import EncodedExamples
from stillroom.types import Encoded, Example
from stillroom.validate.privacy.attack import measure_attack
from stillroom.validate.privacy.texts import attacks_on_texts


def items(first: int, number: int) -> EncodedExamples:
    examples = tuple(
        Example(f"item-{at}", "?", "!", "naming", "heart", "basic", f"concept-{at}")
        for at in range(first, first + number)
    )
    rows = tuple(Encoded(np.array([1, 3 + at % 7, 4, 5]), 1) for at in range(first, first + number))
    return EncodedExamples(examples, rows, ())


LEARNED, UNSEEN = items(0, 40), items(40, 60)


class Remembers:
    """Is sure of the first ``known`` rows that it is asked about."""

    runtime = "made"

    def __init__(self, known: int) -> None:
        self.known = known

    def logits(self, rows: Iterable[Encoded]) -> Iterator[np.ndarray]:
        rows = list(rows)
        random = np.random.default_rng(len(rows))
        for row in rows:
            values = random.normal(size=(len(row.targets), 12)).astype(np.float32)
            values[np.arange(len(row.targets)), row.targets] += 6.0 if len(rows) == self.known else 0.0
            yield values


@pytest.mark.parametrize(("known", "told"), [(40, True), (0, False)])
def test_memory_shows(known: int, told: bool) -> None:
    subjects = {"student": Remembers(known), "student_untrained": Remembers(0)}
    (attack,) = attacks_on_texts(subjects, LEARNED, UNSEEN)  # type: ignore[arg-type]
    assert attack.subject == "student"
    assert attack.positive.sum() == 40
    found, facts = measure_attack(attack, 100, 0)
    low, _ = found["membership_auc", "loss_threshold", "student"].interval()
    assert (low > 0.5) == told
    assert "needs 100" in str(facts["membership/loss_threshold/student/tpr_at_1_percent"])
