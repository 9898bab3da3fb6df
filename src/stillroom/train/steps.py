"""Which rows each optimiser step learns from, and how they are cut into passes.

The rows of a step depend on the rows, ``tokens_per_step``, ``packing`` and the seed alone. How they are cut, and which
process takes which piece, changes memory and time, never the update.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from stillroom.data.batches import first_fit_decreasing, packed_batches, token_budget_batches
from stillroom.train.curriculum import Lesson
from stillroom.types.row import Row

R = TypeVar("R", bound=Row)


def step_rows(
    rows: Sequence[R], *, tokens_per_step: int, seed: int, packing: bool = False
) -> Iterator[tuple[R, ...]]:
    """Yield the rows of each optimiser step, epoch after epoch, without end.

    A resumed run skips to its step and sees the same rows.

    Args:
        rows: at least one row.
        tokens_per_step: most tokens of a step: rows times the longest of them, or, packed, their sum.
        seed: order of the rows.
        packing: fill steps with rows of any length instead of rows of like length.
    """
    batches = packed_batches if packing else token_budget_batches
    lengths = [row.size for row in rows]
    epoch = 0
    while True:
        for indices in batches(lengths, tokens_per_step, seed, epoch):
            yield tuple(rows[index] for index in indices)
        epoch += 1


def lesson_rows(
    rows: Sequence[R],
    lessons: Sequence[Lesson],
    steps: int,
    *,
    tokens_per_step: int,
    seed: int,
    packing: bool = False,
) -> Iterator[tuple[R, ...]]:
    """Yield the rows of each of ``steps`` steps, lesson after lesson; without lessons, from all rows.

    Args:
        rows: all training rows.
        lessons: which of them are learned from, and until when.
        steps: steps of the training.
        tokens_per_step: as in :func:`step_rows`.
        seed: order of the rows.
        packing: as in :func:`step_rows`.
    """
    begin = 0
    for lesson in lessons or [Lesson(1.0, tuple(range(len(rows))))]:
        end = round(lesson.until * steps)
        chosen = [rows[place] for place in lesson.rows]
        order = step_rows(chosen, tokens_per_step=tokens_per_step, seed=seed, packing=packing)
        yield from islice(order, end - begin)
        begin = end


def cut(rows: Sequence[R], tokens_per_pass: int, *, packing: bool = False) -> list[tuple[R, ...]]:
    """Cut rows into passes of at most ``tokens_per_pass`` tokens, padding included, the shortest rows first.

    With ``packing`` there is no padding, and passes are filled with the longest rows first.

    A row that is longer than this is a pass of its own.

    >>> import numpy as np
    >>> from stillroom.types import Encoded
    >>> rows = [Encoded(np.zeros(length, dtype=np.int64), 1) for length in (4, 2, 3, 9)]
    >>> [[row.size for row in piece] for piece in cut(rows, 6)]
    [[2, 3], [4], [9]]
    """
    if packing:
        bins = first_fit_decreasing([row.size for row in rows], tokens_per_pass)
        return [tuple(rows[index] for index in bin) for bin in bins]
    passes: list[list[R]] = []
    for row in sorted(rows, key=lambda row: row.size):
        if not passes or (len(passes[-1]) + 1) * row.size > tokens_per_pass:
            passes.append([])
        passes[-1].append(row)
    return [tuple(piece) for piece in passes]


def share(passes: Sequence[tuple[R, ...]], rank: int, ranks: int) -> list[tuple[tuple[R, ...], float]]:
    """Take the passes of one process, each with its weight.

    All processes take equally many, because each pass is a meeting of them all; one that has run out repeats a pass
    of another with weight 0 while the others still work.

    >>> import numpy as np
    >>> from stillroom.types import Encoded
    >>> passes = cut([Encoded(np.zeros(length, dtype=np.int64), 1) for length in (2, 3, 4)], 4)
    >>> [[weight for _, weight in share(passes, rank, 2)] for rank in (0, 1)]
    [[1.0, 1.0], [1.0, 0.0]]
    """
    rounds = -(-len(passes) // ranks)
    mine = range(rank, rounds * ranks, ranks)
    return [(passes[i], 1.0) if i < len(passes) else (passes[-1], 0.0) for i in mine]
