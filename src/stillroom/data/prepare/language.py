"""Which texts are English."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.types import MissingExtraError

_COMMON = (
    r"(?i)\b(?:the|and|with|that|this|from|which|not|are|been|were|does|what|have|should|than|these|their)\b"
)
_WORD = r"\p{L}+"
_PLAINLY_ENGLISH = 0.06
_LOOKED_AT_CHARACTERS = 1_000


def foreign(column: pa.Array, from_words: int) -> NDArray[np.bool_]:
    """Tell which texts of a column are not English.

    A text is English where words that no other language shares (the, and, with, which, …) make 6 % of it, or where
    py3langid takes the first 1,000 characters of it for English: notes in telegram style have few such words.

    Args:
        column: texts.
        from_words: shorter texts are too short to be judged, and not foreign.

    Raises:
        MissingExtraError: py3langid is not installed.
    """
    words = pc.count_substring_regex(column, _WORD).to_numpy(zero_copy_only=False)
    common = pc.count_substring_regex(column, _COMMON).to_numpy(zero_copy_only=False)
    doubtful = np.flatnonzero((words >= from_words) & (common < _PLAINLY_ENGLISH * words))
    verdicts = np.zeros(len(column), bool)
    for place, text in zip(doubtful, column.take(pa.array(doubtful)).to_pylist(), strict=True):
        verdicts[place] = _language(text[:_LOOKED_AT_CHARACTERS]) != "en"
    return verdicts


def _language(text: str) -> str:
    try:
        from py3langid import classify
    except ImportError as error:
        raise MissingExtraError.of("py3langid", "corpus") from error
    return str(classify(text)[0])
