"""Truncation: contexts shortened to the sentences that the question is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.dropping import leave_out
from stillroom.data.prepare.fitting import shorten
from stillroom.data.prepare.settings.truncate import TruncateSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.texts import TEXTS, flat, replace_columns
from stillroom.data.prepare.token_count import CharacterRule, TokenCount, TokenizerCount


@dataclass(frozen=True)
class _Long:
    """A row that does not fit: its place, texts, and the tokens that are left for its context."""

    place: int
    question: str
    context: str
    room: int


@dataclass(frozen=True)
class Truncate:
    """Holds rows to ``max_tokens``. Question, options and answer stay whole; only the context is cut.

    The sentences of a context that have most to do with the question and its options (BM25; never with the answer,
    which the student will not have) are kept, as many as fit, in their order, with ``[…]`` where something is left
    out; where nothing tells them apart, the first ones. A row whose question and answer do not fit, or leave too little
    room, is left out. Applied twice, the stage changes nothing more.
    """

    settings: TruncateSettings
    name: str = field(default="truncate", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Shorten one table."""
        count, left_out = self._count(), 0
        places, contexts = [], []
        reasons = [""] * rows.num_rows
        for row in self._too_long(rows, count):
            if row.room < (self.settings.min_context_tokens if row.context else 0):
                reasons[row.place] = self._reason(row)
                continue
            shortened = shorten(row.context, row.question, row.room, count)
            places.append(row.place)
            contexts.append(shortened.text)
            left_out += shortened.left_out
        if not places and not any(reasons):
            return Outcome(rows)
        kept, dropped, _ = leave_out(_with_contexts(rows, places, contexts), reasons)
        return Outcome(kept, dropped, len(places), {"sentences left out": left_out})

    def _too_long(self, rows: pa.Table, count: TokenCount) -> Iterator[_Long]:
        """Rows that do not fit; those that cannot be too long by their bytes are not counted."""
        room = self.settings.max_tokens - self.settings.template_tokens
        suspects = np.flatnonzero(_sizes_bytes(rows) > (room - len(TEXTS)) * count.bytes_per_token)
        columns = (
            rows.select(["prompt", "options", "context", "response"]).take(pa.array(suspects)).to_pylist()
        )
        questions = ["\n".join([row["prompt"], *row["options"]]) for row in columns]
        contexts = [row["context"] for row in columns]
        fixed = zip(count(questions), count([row["response"] for row in columns]), strict=True)
        for place, question, context, size, (asked, answer) in zip(
            suspects.tolist(), questions, contexts, count(contexts), fixed, strict=True
        ):
            if asked + answer + size > room:
                yield _Long(place, question, context, room - asked - answer)

    def _reason(self, row: _Long) -> str:
        if row.room < 0 or not row.context:
            return f"question and answer are longer than {self.settings.max_tokens} tokens"
        return f"fewer than {self.settings.min_context_tokens} tokens are left for the context"

    def _count(self) -> TokenCount:
        if self.settings.tokenizer is None:
            return CharacterRule(self.settings.characters_per_token)
        return TokenizerCount(self.settings.tokenizer)


def _sizes_bytes(rows: pa.Table) -> NDArray[np.int64]:
    """Bytes of each row's texts, and one for each option's line end."""
    sizes = np.sum([pc.binary_length(flat(rows[name])).to_numpy() for name in TEXTS], axis=0, dtype=np.int64)
    options = flat(rows["options"])
    parents = pc.list_parent_indices(options).to_numpy()
    weights = pc.binary_length(options.flatten()).to_numpy() + 1
    return np.asarray(sizes + np.bincount(parents, weights, minlength=rows.num_rows).astype(np.int64))


def _with_contexts(rows: pa.Table, places: list[int], contexts: list[str]) -> pa.Table:
    mask = np.zeros(rows.num_rows, bool)
    mask[places] = True
    fresh = pc.replace_with_mask(flat(rows["context"]), pa.array(mask), pa.array(contexts, pa.string()))
    return replace_columns(rows, context=fresh)
