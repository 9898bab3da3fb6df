"""Segmentation: notes cut into their sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillroom.data.prepare.rows import ROW
from stillroom.data.prepare.sections import Section, pieces
from stillroom.data.prepare.settings.segment import SegmentSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.texts import flat


@dataclass(frozen=True)
class Segment:
    """Cuts notes before their headers, and long sections between sentences.

    The text that is cut is the response of a row without a context, or the context of one without a response; a row
    with both is left as it is. Parts are called ``id#0``, ``id#1`` …, name their section in the prompt, and keep
    patient and document; where neither was known, the document is the row that was cut, so that its parts stay in one
    split. Applied twice, the stage changes nothing more.
    """

    settings: SegmentSettings
    name: str = field(default="segment", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Cut one table."""
        wanted = np.asarray(pc.is_in(flat(rows["task"]), pa.array(self.settings.tasks, pa.string())))
        places = np.flatnonzero(wanted)
        parts = {
            place: cut
            for place, row in zip(places.tolist(), rows.take(pa.array(places)).to_pylist(), strict=True)
            if len(cut := self._cut(row)) > 1
        }
        if not parts:
            return Outcome(rows)
        made = [cut for listed in parts.values() for cut in listed]
        facts = {"rows cut": len(parts), "parts": len(made)}
        return Outcome(_spread(rows, parts), changed=len(made), facts=facts)

    def _cut(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The parts of a row, or none where there is nothing to cut."""
        if bool(row["context"]) == bool(row["response"]):
            return []
        column = "context" if row["context"] else "response"
        cut = pieces(row[column], self.settings.max_characters, self.settings.min_characters)
        document = row["document"] or ("" if row["patient"] else row["id"])
        return [
            {**row, "id": f"{row['id']}#{n}", "prompt": _prompt(row["prompt"], part), "document": document}
            | {column: part.text.strip()}
            for n, part in enumerate(part for part in cut if part.text.strip())
        ]


def _prompt(prompt: str, part: Section) -> str:
    return f"{prompt}\nSection: {part.name}." if part.name else prompt


def _spread(rows: pa.Table, parts: Mapping[int, list[dict[str, Any]]]) -> pa.Table:
    """Put the parts where their rows were."""
    tables, position = [], 0
    for place, made in parts.items():
        tables += [rows.slice(position, place - position), pa.Table.from_pylist(made, schema=ROW)]
        position = place + 1
    return pa.concat_tables([*tables, rows.slice(position)]).combine_chunks()
