"""Entities in text: right only with exact ends and type."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stillroom.types import DataError
from stillroom.validate.classification.confusion import f1
from stillroom.validate.statistics.bootstrap import ratio
from stillroom.validate.statistics.level import Array
from stillroom.validate.statistics.measures import Summed

Span = tuple[str, int, int]
"""Type, first token, and the token after the last."""


def spans(tags: Sequence[str], *, strict: bool = True) -> set[Span]:
    """Read the entities of a sentence from its IOB2 tags.

    Args:
        tags: ``B-type`` begins an entity, ``I-type`` goes on, ``O`` is none.
        strict: an ``I`` that goes on from nothing of its type is no entity (seqeval's strict mode); else it begins one,
            as in the CoNLL script and in seqeval's default.

    >>> sorted(spans(["B-Drug", "I-Drug", "O", "I-Drug"])), len(spans(["O", "I-Drug"], strict=False))
    ([('Drug', 0, 2)], 1)
    """
    found: set[Span] = set()
    begun: tuple[str, int] | None = None
    for at, tag in enumerate([*tags, "O"]):
        mark, _, kind = tag.partition("-")
        goes_on = begun is not None and mark == "I" and kind == begun[0]
        if begun is not None and not goes_on:
            found.add((*begun, at))
            begun = None
        if mark == "B" or (mark == "I" and not goes_on and not strict):
            begun = (kind, at)
    return found


def entities(
    predicted: Sequence[Sequence[str]], truth: Sequence[Sequence[str]], *, strict: bool = True
) -> list[Summed]:
    """Measures of tagged sentences: precision, recall and F1 over all entities, and of each type.

    Args:
        predicted: tags of each sentence.
        truth: the annotator's.
        strict: see :func:`spans`.

    Raises:
        DataError: a sentence has another number of tags than the annotator's.
    """
    found, wanted = ([spans(tags, strict=strict) for tags in of] for of in (predicted, truth))
    for at, (ours, theirs) in enumerate(zip(predicted, truth, strict=True)):
        if len(ours) != len(theirs):
            raise DataError(
                f"sentence {at}: {len(ours)} tags for {len(theirs)}",
                "one tag for each token",
                "align the tokens",
            )
    kinds = sorted({kind for of in (*found, *wanted) for kind, _, _ in of})
    figures = _figures(_counts(found, wanted, None), "")
    if len(kinds) > 1:
        for kind in kinds:
            figures += _figures(_counts(found, wanted, kind), f"class:{kind}")
    return figures


def _counts(found: Sequence[set[Span]], wanted: Sequence[set[Span]], kind: str | None) -> Array:
    """TP, FP and FN of each sentence."""
    rows = []
    for ours, theirs in zip(found, wanted, strict=True):
        mine, real = ({span for span in of if kind in (None, span[0])} for of in (ours, theirs))
        rows.append([len(mine & real), len(mine - real), len(real - mine)])
    return np.array(rows, dtype=np.float64)


def _figures(counts: Array, part: str) -> list[Summed]:
    hits, false, missed = counts.T
    return [
        Summed("entity_precision", np.stack([hits, hits + false], axis=1), ratio, part=part),
        Summed("entity_recall", np.stack([hits, hits + missed], axis=1), ratio, part=part),
        Summed("entity_f1", counts, f1, "share", part=part),
    ]
