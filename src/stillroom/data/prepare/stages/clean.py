"""Cleaning: every text in one form, and rows left out that have no text to learn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.dropping import leave_out
from stillroom.data.prepare.language import foreign
from stillroom.data.prepare.settings.clean import CleanSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.texts import TEXTS, edit_texts, flat
from stillroom.data.prepare.tidy import UNTIDY, tidy

_DAMAGED = "\ufffd"


@dataclass(frozen=True)
class Clean:
    """Brings texts into one form (:func:`stillroom.data.prepare.tidy.tidy`) and judges their language.

    Left out are rows without prompt and context, rows whose response was nothing but markup or invisible, damaged
    rows, and rows with a text that is not English. A row that came without a response has none to lose. Applied
    twice, the stage changes nothing more.
    """

    settings: CleanSettings
    name: str = field(default="clean", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Clean one table."""
        cleaned, changed = edit_texts(rows, tidy, UNTIDY)
        reasons = np.full(rows.num_rows, "", object)
        for reason, hit in self._reasons(rows, cleaned):
            reasons[hit & (reasons == "")] = reason
        kept, dropped, mask = leave_out(cleaned, reasons.tolist())
        return Outcome(kept, dropped, int(changed[mask].sum()))

    def _reasons(self, before: pa.Table, rows: pa.Table) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Reasons to leave rows out, weightiest first, with the rows that they hit."""
        prompt, context, response = (_is_empty(rows[name]) for name in TEXTS)
        yield "no prompt and no context", prompt & context
        yield "the response holds no text", response & ~_is_empty(before["response"])
        for name in TEXTS:
            column = flat(rows[name])
            damage = pc.count_substring(column, _DAMAGED).to_numpy(zero_copy_only=False)
            length = pc.utf8_length(column).to_numpy(zero_copy_only=False)
            yield f"{name} is damaged", damage > self.settings.max_damaged_share * length
            if self.settings.english_only:
                yield f"{name} is not English", foreign(column, self.settings.judged_from_words)


def _is_empty(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    return np.asarray(pc.equal(flat(column), ""))
