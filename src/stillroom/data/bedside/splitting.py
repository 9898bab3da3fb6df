"""Into which split a patient falls: decided by a hash of the patient alone, so that nobody is ever drawn anew."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.data.hashing import unit
from stillroom.types import Split

RULE = "by a hash of the patient"


def split_of(group: str, validation_share: float, test_share: float) -> Split:
    """Name the split of a patient.

    >>> split_of("patient 7", 0.0, 1.0)
    'test'
    """
    place = unit("bedside", group)
    if place < test_share:
        return "test"
    return "validation" if place < test_share + validation_share else "train"


GIVEN: Mapping[str, Split] = {
    "train": "train",
    "val": "validation",
    "validation": "validation",
    "test": "test",
}
"""Splits as data sets write them."""
