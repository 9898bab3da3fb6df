"""Multiple choice by length-normalised log-likelihood: which option is most likely per token?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Encoded, Predictor
from stillroom.validate.statistics.bootstrap import Array


@dataclass(frozen=True, slots=True)
class ChoiceItem:
    """A prompt with each of its options as the response, and which of them is right."""

    options: tuple[Encoded, ...]
    answer: int


def score_choices(predictor: Predictor, items: Sequence[ChoiceItem]) -> Array:
    """Tell which items are answered right.

    An option's score is the mean log-probability of its tokens, so that a short option is not preferred for
    being short. A tie counts as wrong.

    Returns:
        1 where the right option scores above all others, else 0, shape ``(items,)``.
    """
    scores = option_scores(predictor, items)
    return np.array(
        [margin(of, item.answer) > 0 for of, item in zip(scores, items, strict=True)], dtype=np.float64
    )


def option_scores(predictor: Predictor, items: Sequence[ChoiceItem]) -> list[Array]:
    """Mean log-probability of the tokens of each option, an array for each item."""
    stream = predictor.logits([option for item in items for option in item.options])
    return [
        np.array([mean_log_prob(next(stream), option.targets) for option in item.options]) for item in items
    ]


def margin(scores: Array, answer: int) -> float:
    """How far the right option's score lies above the best other; 0 or less is wrong.

    >>> margin(np.array([-1.0, -3.0, -2.5]), 0)
    1.5
    """
    return float(scores[answer] - np.delete(scores, answer).max())


def chance(items: Sequence[ChoiceItem]) -> Array:
    """Probability of guessing each item right, shape ``(items,)``."""
    return np.array([1 / len(item.options) for item in items])


def mean_log_prob(logits: NDArray[np.float32], targets: NDArray[np.int64]) -> float:
    """Mean log-probability of a response.

    Args:
        logits: shape ``(response, vocab)``.
        targets: shape ``(response,)``.

    >>> round(mean_log_prob(np.zeros((2, 4), dtype=np.float32), np.array([0, 3])), 4)
    -1.3863
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_norm = np.log(np.exp(shifted).sum(axis=1).astype(np.float64))
    return float(np.mean(shifted[np.arange(len(targets)), targets] - log_norm))
