"""Which items of a split are measured: spread evenly over kinds, the same for every subject."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from stillroom.types import Example


def select(examples: Sequence[Example], items: int | None, seed: int) -> list[Example]:
    """Choose items, as equally many of each kind as there are.

    Args:
        examples: the split.
        items: how many; None: all.
        seed: equal seeds choose equally; a smaller selection is contained in a larger one.

    Returns:
        The chosen examples, in the order of ``examples``.
    """
    if items is None or items >= len(examples):
        return list(examples)
    shuffled = np.random.default_rng(seed).permutation(len(examples)).tolist()
    kinds = sorted({example.kind for example in examples})
    by_kind = [[at for at in shuffled if examples[at].kind == kind] for kind in kinds]
    turns = [at for turn in zip_longest(*by_kind) for at in turn if at is not None]
    return [examples[at] for at in sorted(turns[:items])]
