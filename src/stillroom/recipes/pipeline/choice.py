"""Which training examples a teacher is adapted to."""

from __future__ import annotations

from stillroom.data import EncodedExamples
from stillroom.data.hashing import unit
from stillroom.models.settings import ExamplesSettings
from stillroom.types import DataError, Example


def chosen(train: EncodedExamples, settings: ExamplesSettings | None) -> EncodedExamples:
    """Keep the examples that a teacher is adapted to; all by default.

    Raises:
        DataError: none is left.
    """
    if settings is None:
        return train
    pairs = [
        (example, row)
        for example, row in zip(train.examples, train.rows, strict=True)
        if _wanted(example, settings)
    ]
    if not pairs:
        raise DataError(
            "no training example for a teacher", "at least one", "widen `examples` of the teacher"
        )
    examples, rows = zip(*pairs, strict=True)
    return EncodedExamples(examples, rows, train.dropped)


def _wanted(example: Example, settings: ExamplesSettings) -> bool:
    low, high = settings.between
    return (
        (settings.kinds is None or example.kind in settings.kinds)
        and (settings.specialties is None or example.specialty in settings.specialties)
        and low <= unit("teacher", example.group) < high
    )
