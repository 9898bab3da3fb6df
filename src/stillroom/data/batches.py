"""Batches of like length under a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError

_BATCHES_PER_WINDOW = 64


def token_budget_batches(
    lengths: Sequence[int], budget_tokens: int, seed: int, epoch: int
) -> list[list[int]]:
    """Cut one epoch into batches of at most ``budget_tokens`` tokens, padding included.

    Rows are shuffled, sorted by length inside windows of about 64 batches, cut, and the batches shuffled
    again: padding stays small while every epoch mixes anew. Every index comes exactly once. The result depends
    on the arguments alone, so a resumed run sees the same batches.

    Args:
        lengths: tokens of each row.
        budget_tokens: most tokens of a batch: rows times its longest row.
        seed: the run's seed.
        epoch: which epoch; each has its own order.

    Raises:
        DataError: a row is longer than the budget.

    >>> token_budget_batches([2, 2, 4], budget_tokens=4, seed=0, epoch=0) == token_budget_batches(
    ...     [2, 2, 4], budget_tokens=4, seed=0, epoch=0)
    True
    """
    sizes = np.asarray(lengths, dtype=np.int64)
    if sizes.size == 0:
        return []
    _refuse_longer_than(budget_tokens, sizes)
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(sizes.size)
    window = max(1, round(_BATCHES_PER_WINDOW * budget_tokens / float(sizes.mean())))
    batches: list[list[int]] = []
    for start in range(0, sizes.size, window):
        rows = order[start : start + window]
        batches += _cut(rows[np.argsort(sizes[rows], kind="stable")], sizes, budget_tokens)
    return [batches[index] for index in random.permutation(len(batches))]


def _cut(rows: NDArray[np.int64], sizes: NDArray[np.int64], budget_tokens: int) -> list[list[int]]:
    """Fill batches from rows in order of length: the last row of a batch is its longest."""
    batches: list[list[int]] = [[]]
    for row in rows:
        if (len(batches[-1]) + 1) * sizes[row] > budget_tokens:
            batches.append([])
        batches[-1].append(int(row))
    return batches


def _refuse_longer_than(budget_tokens: int, sizes: NDArray[np.int64]) -> None:
    if (longest := int(sizes.max())) > budget_tokens:
        raise DataError(
            f"row {int(sizes.argmax())} has {longest} tokens",
            f"at most {budget_tokens} in a batch",
            "raise the token budget or lower max_tokens",
        )
