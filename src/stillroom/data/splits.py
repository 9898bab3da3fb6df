"""Which split a group of concepts belongs to: a hash of its name, so rows may come and go."""

from __future__ import annotations

from stillroom.data.hashing import unit
from stillroom.types import Split

RULE = (
    "by group: hash(group) below test_share is test, below test_share + validation_share is validation, the "
    "rest train; the seed has no part in it, so runs with different seeds never train on each other's tests"
)


def split_of(group: str, validation_share: float, test_share: float) -> Split:
    """Assign a group to a split.

    Stable: adding or removing other groups changes nothing, and a larger ``validation_share`` only takes
    from train.

    >>> split_of("HP:0001250", validation_share=0.0, test_share=1.0)
    'test'
    """
    position = unit("split", group)
    if position < test_share:
        return "test"
    return "validation" if position < test_share + validation_share else "train"
