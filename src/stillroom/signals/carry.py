"""A teacher's distributions, carried to the positions and the vocabulary of a student with another tokenizer."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillroom.data.pairs import Pair
from stillroom.data.spelling import Spelling
from stillroom.data.vocabulary_map import NOTHING, Splitter, VocabularyMap

Floats = NDArray[np.float64]
Probs = NDArray[np.floating[Any]]
Ids = NDArray[np.int64]

CANDIDATES = 256


class _Place(NamedTuple):
    """Where a student's position lies among the teacher's.

    Attributes:
        at: the teacher's position.
        spelled: bytes that the student has spelled since that position's boundary.
        pending: bytes between the student's position and that boundary.
    """

    at: int
    spelled: bytes
    pending: bytes


@dataclass(frozen=True)
class Carrier:
    r"""Carries distributions from a teacher's tokens to a student's, by the bytes they spell.

    Let the student's position lie after the text x, let a be the teacher's last boundary before it and c the bytes of x
    after a. A teacher token t is *consistent* if its spelling begins with c. The target is

    .. math:: P(s \mid x) = \frac{1}{Z} \sum_{t\,:\,\mathrm{first}(t \setminus c) = s} p(t \mid a), \qquad
       Z = \sum_{t \text{ consistent}} p(t \mid a)

    where :math:`t \setminus c` is the rest of the spelling and ``first`` is the first token that the student's
    tokenizer cuts from it. At a boundary that both sides share c is empty, Z = 1 and ``first`` is the map of the
    vocabularies.

    Where the student's token reaches beyond the teacher's token t₁ that the text took, the probability of t₁ is not
    given to one token but spread by the teacher's next distribution, over ``first`` of the joined spellings, and so on
    to the end of the student's token (the chain rule along the text): the token that the text took receives
    :math:`p(t_1)\,p(t_2 \mid t_1) \cdots / Z`.

    Exact: the probability of the token that the text took, as the teacher's tokenizer cuts the text; and of every
    token whose spelling the student's tokenizer cuts alone as it cuts it before whatever may follow (a digit where
    digits are cut apart, the end of the answer). Where that holds for all, the whole distribution.

    Approximate: (1) a spelling that the student's tokenizer would join with what follows goes to its own first token.
    (2) Inside a teacher's token, other ways of cutting c into teacher tokens are left out, and a token that spells c
    exactly stays with no token, since what follows it is unknown. (3) Inside a group, of the tokens that the text did
    not take the ``candidates`` likeliest are carried; the rest stays with no token.

    What stays with no token is for the tail.

    Attributes:
        teacher: what the teacher's tokens spell.
        student: the student's vocabulary and tokenizer.
        table: the map between them.
        vocab: classes of the student's output; at least its tokens.
        candidates: teacher tokens considered inside a group.
    """

    teacher: Spelling
    student: Splitter
    table: VocabularyMap
    vocab: int
    candidates: int = CANDIDATES

    def carry(self, probs: Probs, pair: Pair) -> Floats:
        """Targets of every response token of the student.

        Args:
            probs: the teacher's probabilities before each of its response tokens, shape ``(teacher tokens, vocab)``.
            pair: the example under both tokenizers.

        Returns:
            Probabilities, shape ``(student tokens, vocab)``. A row's sum is what could be carried, at most 1.
        """
        rows = [self._row(probs, pair, number) for number in range(len(pair.student.ids))]
        return np.stack(rows)

    def _row(self, probs: Probs, pair: Pair, number: int) -> Floats:
        out = np.zeros(self.vocab + 1)
        start, end = pair.student.starts[number], pair.student.ends[number]
        place, mass = _place(pair, int(start)), 1.0
        while mass > 0.0:
            taken = int(pair.teacher.ids[place.at])
            total = self._others(out, mass, probs[place.at], taken, place)
            mass *= probs[place.at, taken] / total if total > 0.0 else 0.0
            reached = int(pair.teacher.ends[place.at])
            if reached >= end:
                out[pair.student.ids[number]] += mass
                break
            place = _Place(place.at + 1, b"", pair.text[start:reached])
        return out[:-1]

    def _others(self, out: Floats, mass: float, probs: Probs, taken: int, place: _Place) -> float:
        """Give the tokens that the text did not take to the student's; return the sum over consistent tokens."""
        if not place.spelled and not place.pending:
            carried = np.bincount(self._first, weights=probs, minlength=self.vocab + 1)
            carried[self._first[taken]] -= probs[taken]
            np.add(out, mass * np.maximum(carried, 0.0), out=out)
            return 1.0
        ids = self._consistent(place.spelled) if place.spelled else self._textual
        total = float(probs[ids].sum()) if place.spelled else 1.0
        likely = self._likeliest(probs, ids[ids != taken])
        rests = [place.pending + self._bytes(number)[len(place.spelled) :] for number in likely]
        np.add.at(out, self.student.first(rests), mass * probs[likely] / max(total, np.finfo(float).tiny))
        return total

    def _likeliest(self, probs: Probs, ids: Ids) -> Ids:
        if len(ids) <= self.candidates:
            return ids
        return ids[np.argpartition(-probs[ids], self.candidates)[: self.candidates]]

    def _consistent(self, beginning: bytes) -> Ids:
        """Teacher tokens whose spelling begins so: they stand together in the order of bytes."""
        spellings, ids = self.teacher.ordered
        after = beginning.rstrip(b"\xff")
        stop = bisect_left(spellings, after[:-1] + bytes([after[-1] + 1])) if after else len(spellings)
        return ids[bisect_left(spellings, beginning) : stop]

    def _bytes(self, number: int) -> bytes:
        return self.teacher.pieces[number] or b""

    @cached_property
    def _textual(self) -> Ids:
        """Teacher tokens that spell something, and those that end an answer."""
        return np.array(sorted({*self.teacher.ordered[1].tolist(), *self.table.ends}), dtype=np.int64)

    @cached_property
    def _first(self) -> Ids:
        """The map; what has no student token goes to a class behind the last."""
        return np.where(self.table.first == NOTHING, self.vocab, self.table.first)


def _place(pair: Pair, start: int) -> _Place:
    at = int(np.searchsorted(pair.teacher.ends, start, side="right"))
    boundary = int(pair.teacher.starts[at])
    return _Place(at, pair.text[boundary:start], pair.text[start:boundary])
