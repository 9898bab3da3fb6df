"""Multiple choice: per token, strict, and in the order of the items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from stillroom.types import Encoded
from stillroom.validate.choice import ChoiceItem, chance, mean_log_prob, score_choices

VOCAB = 10


class Favours:
    """Gives each token the same logits: the token's own number."""

    runtime = "made"

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        for row in rows:
            yield np.tile(np.arange(VOCAB, dtype=np.float32), (len(row.targets), 1))

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        raise NotImplementedError


def item(answer: int, *responses: list[int]) -> ChoiceItem:
    return ChoiceItem(tuple(Encoded(np.array([1, *response]), 1) for response in responses), answer)


def test_the_likeliest_option_is_chosen() -> None:
    items = [item(1, [3], [9], [4]), item(0, [3], [9], [4]), item(2, [1], [2], [8])]
    assert score_choices(Favours(), items).tolist() == [1, 0, 1]


def test_length_gives_no_advantage() -> None:
    assert score_choices(Favours(), [item(1, [8], [9, 9, 9, 9])]).tolist() == [1]


def test_a_tie_counts_as_wrong() -> None:
    assert score_choices(Favours(), [item(0, [7], [7])]).tolist() == [0]


def test_chance_is_one_over_the_options() -> None:
    assert chance([item(0, [1], [2]), item(0, [1], [2], [3], [4])]).tolist() == [0.5, 0.25]


def test_mean_log_prob_equals_the_slow_twin() -> None:
    random = np.random.default_rng(0)
    logits, targets = random.normal(0, 4, size=(6, VOCAB)).astype(np.float32), random.integers(0, VOCAB, 6)
    probabilities = np.exp(logits.astype(np.float64)) / np.exp(logits.astype(np.float64)).sum(
        1, keepdims=True
    )
    expected = np.mean([np.log(row[target]) for row, target in zip(probabilities, targets, strict=True)])
    assert mean_log_prob(logits, targets) == pytest.approx(expected, abs=1e-6)
