"""Made predictors and examples: logits are a function of subject and row, so every run is repeatable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stillroom.types import Encoded, Example

WORDS = (
    "an",
    "abnormal",
    "heart",
    "lung",
    "kidney",
    "shape",
    "of",
    "the",
    "small",
    "left",
    "valve",
    "rhythm",
    "no",
    "12.5",
    "mg",
)


class MadePredictor:
    """Knows the true token with a given strength; what it gets wrong depends on its seed."""

    def __init__(self, vocab: int, strength: float, seed: int, rows: Sequence[Encoded]) -> None:
        self.runtime = "made"
        self._vocab, self._strength, self._seed = vocab, strength, seed
        self._known = {tuple(row.ids[: row.start].tolist()): row.targets.tolist() for row in rows}

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        for row in rows:
            random = np.random.default_rng([self._seed, *row.ids.tolist()])
            values = random.normal(size=(len(row.targets), self._vocab)).astype(np.float32)
            known = row.targets.tolist() == self._known.get(tuple(row.ids[: row.start].tolist()))
            values[np.arange(len(row.targets)), row.targets] += self._strength * (1.0 if known else 0.7)
            yield values

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        for prompt in prompts:
            random = np.random.default_rng([self._seed, *prompt])
            answer = np.array(self._known[tuple(prompt)])[:max_new_tokens]
            wrong = random.random(len(answer)) > self._strength / 5
            yield np.where(wrong, random.integers(5, self._vocab, size=len(answer)), answer).tolist()


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Sixty items of two kinds and three specialties; two items of each concept; half have four options."""
    random = np.random.default_rng(5)

    def text(words: int) -> str:
        return " ".join(random.choice(WORDS, size=words))

    made = []
    for at in range(60):
        options = tuple(f"{text(3)} {WORDS[number]}" for number in range(4))
        with_options = at % 2 == 0
        made.append(
            Example(
                id=f"item-{at}",
                prompt=text(5),
                response=options[at % 4] if with_options else text(4 + at % 7),
                kind="naming" if with_options else "definition",
                specialty=("cardiology", "pneumology", "nephrology")[at % 3],
                difficulty="basic",
                group=f"concept-{at // 2}",
                options=options if with_options else (),
            )
        )
    return made
