"""The stage that de-identifies rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stillroom.data.prepare.rows import ROW
from stillroom.data.prepare.settings.deidentify import DeidentifySettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.stages.deidentify.key import Draw, draw_of
from stillroom.data.prepare.stages.deidentify.recognise import Recogniser, recognise
from stillroom.data.prepare.stages.deidentify.spans import Span
from stillroom.data.prepare.stages.deidentify.surrogates import Replacer, Surrogates, tag
from stillroom.data.prepare.texts import TEXTS, flat, replace_columns

_BETWEEN = "\n\x00\n"


@dataclass(frozen=True)
class Deidentify:
    """Replaces what points at a person in the rows of some tasks; nothing is left out.

    The texts of a row are looked at together, so that a name that one of them introduces is found in the others. The
    facts count what was replaced, by kind. What was found is never logged. With tags, applied twice, the stage changes
    nothing more; surrogates look like identifiers and would be replaced again.

    What it finds, how surely, and what it does not: ``docs/deidentification.md``.
    """

    settings: DeidentifySettings
    name: str = field(default="deidentify", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """De-identify one table.

        Raises:
            DataError: surrogates are asked for and there is no key.
            MissingExtraError: the package ``names``, or Presidio where it is asked for, is not installed.
        """
        draw, further, facts = draw_of(self.settings), self._further(), Counter[str]()
        places = self._places(rows)
        treated = rows.take(pa.array(places)).to_pylist()
        made = [self._treated(row, draw, further, facts) for row in treated]
        altered = [old != new for old, new in zip(treated, made, strict=True)]
        new = [row for row, is_new in zip(made, altered, strict=True) if is_new]
        return Outcome(_put_back(rows, places[altered], new), changed=len(new), facts=facts)

    def _places(self, rows: pa.Table) -> NDArray[np.int64]:
        """Where the rows are that are treated."""
        if self.settings.tasks is None:
            return np.arange(rows.num_rows)
        wanted = pc.is_in(flat(rows["task"]), pa.array(self.settings.tasks, pa.string()))
        return np.flatnonzero(np.asarray(wanted))

    def _further(self) -> tuple[Recogniser, ...]:
        if not self.settings.presidio:
            return ()
        from stillroom.data.prepare.stages.deidentify.presidio import presidio

        return (presidio(self.settings.spacy_model),)

    def _treated(
        self, row: dict[str, Any], draw: Draw | None, further: Sequence[Recogniser], facts: Counter[str]
    ) -> dict[str, Any]:
        texts = [row["prompt"], *row["options"], row["context"], row["response"]]
        spans = recognise(_BETWEEN.join(texts), further)
        if not spans:
            return row
        facts.update(f"{span.kind} replaced" for span in spans)
        replacer = self._replacer(row, draw)
        prompt, *options, context, response = _replaced(texts, spans, replacer)
        if row["response"] in row["options"]:
            response = options[row["options"].index(row["response"])]
        return row | {"prompt": prompt, "options": options, "context": context, "response": response}

    def _replacer(self, row: dict[str, Any], draw: Draw | None) -> Replacer:
        """Surrogates are of a patient; of a document or a row where it is not known whose it is."""
        if draw is None:
            return tag
        whose = row["patient"] or row["document"] or row["id"]
        return Surrogates(draw, whose, self.settings.max_shift_days)


def _replaced(texts: Sequence[str], spans: Sequence[Span], replacer: Replacer) -> list[str]:
    """Texts that were joined for a look, with what the spans hold replaced."""
    replaced, start, waiting = [], 0, list(reversed(spans))
    for text in texts:
        parts, position, stop = [], 0, start + len(text)
        while waiting and waiting[-1].start < stop:
            span = waiting.pop()
            first, last = max(span.start - start, 0), min(span.stop - start, len(text))
            parts += [text[position:first], replacer(span.kind, text[first:last])]
            position = last
        replaced.append("".join([*parts, text[position:]]))
        start = stop + len(_BETWEEN)
    return replaced


def _put_back(rows: pa.Table, places: NDArray[np.int64], new: Sequence[dict[str, Any]]) -> pa.Table:
    if not new:
        return rows
    mask = np.zeros(rows.num_rows, bool)
    mask[places] = True
    columns = {
        name: pc.replace_with_mask(
            flat(rows[name]), pa.array(mask), pa.array([row[name] for row in new], pa.string())
        )
        for name in TEXTS
    }
    options = rows["options"].to_pylist()
    for place, row in zip(places.tolist(), new, strict=True):
        options[place] = row["options"]
    return replace_columns(rows, **columns, options=pa.array(options, ROW.field("options").type))
