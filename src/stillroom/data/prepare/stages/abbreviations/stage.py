"""The stage that writes abbreviations out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stillroom.data.prepare.settings.abbreviations import AbbreviationSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.stages.abbreviations.mapping import (
    Senses,
    around,
    built_in,
    choose_sense,
    read_mapping,
)
from stillroom.data.prepare.texts import edit_texts, flat

_ABBREVIATED = r"[A-Z][A-Za-z0-9&]*[A-Z0-9]"
_TOKEN = re.compile(rf"(?<![\w/&-])(?P<short>{_ABBREVIATED}[A-Za-z0-9]*)(?![\w/&-])")
_LOOKED_AT_CHARACTERS = 160


@dataclass(frozen=True)
class Abbreviations:
    """Writes abbreviations out; an ambiguous one only where the words around it decide, otherwise it stays.

    An abbreviation in parentheses stays: it is being defined. The facts count what was written out and what stayed
    ambiguous. Applied twice, the stage changes nothing more, unless an expansion holds an abbreviation.
    """

    settings: AbbreviationSettings
    name: str = field(default="abbreviations", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Write out the abbreviations of one table.

        Raises:
            DataError: the mapping cannot be read.
        """
        senses, facts = self._senses(), Counter[str]()
        if self.settings.tasks is None:
            edited, changed = self._edited(rows, senses, facts)
            return Outcome(edited, changed=int(changed.sum()), facts=facts)
        wanted = np.asarray(pc.is_in(flat(rows["task"]), pa.array(self.settings.tasks, pa.string())))
        edited, changed = self._edited(rows.filter(pa.array(wanted)), senses, facts)
        places = np.empty(rows.num_rows, np.int64)
        places[np.flatnonzero(wanted)] = np.arange(edited.num_rows)
        places[np.flatnonzero(~wanted)] = edited.num_rows + np.arange(rows.num_rows - edited.num_rows)
        both = pa.concat_tables([edited, rows.filter(pa.array(~wanted))])
        return Outcome(both.take(pa.array(places)), changed=int(changed.sum()), facts=facts)

    def _edited(self, rows: pa.Table, senses: Senses, facts: Counter[str]) -> tuple[pa.Table, np.ndarray]:
        return edit_texts(rows, lambda text: self._written_out(text, senses, facts), _ABBREVIATED)

    def _senses(self) -> Senses:
        """The user's mapping goes before what is built in."""
        ours = built_in() if self.settings.built_in else {}
        return {**ours, **read_mapping(self.settings.mapping)} if self.settings.mapping else ours

    def _written_out(self, text: str, senses: Senses, facts: Counter[str]) -> str:
        def expansion(found: re.Match[str]) -> str:
            known = senses.get(found["short"])
            if known is None or (
                text[found.start() - 1 : found.start()] == "(" and text[found.end() : found.end() + 1] == ")"
            ):
                return found[0]
            before = text[max(0, found.start() - _LOOKED_AT_CHARACTERS) : found.start()]
            words = around(before, text[found.end() : found.end() + _LOOKED_AT_CHARACTERS])
            sense = choose_sense(known, words, self.settings.least_odds)
            facts["abbreviations written out" if sense else "abbreviations left, ambiguous"] += 1
            return sense.expansion if sense else found[0]

        return _TOKEN.sub(expansion, text)
