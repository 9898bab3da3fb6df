"""One example as two models read it, its response joined byte by byte."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillroom.data.alignment import Alignment, Ends, align, token_ends
from stillroom.data.encode import encode_all
from stillroom.data.spelling import Spelling
from stillroom.types import Encoded, Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

TOO_LONG = "longer than the teacher's window"
UNSPELLED = "a special token inside the response"
UNLIKE = "the teacher's tokenizer changes the text"


class Reading(NamedTuple):
    """Response tokens of one side, the end of the answer last.

    Attributes:
        ids: token ids, shape ``(tokens,)``.
        ends: bytes of the pair's text spelled after each; the end of the answer counts as one byte.
        start: bytes of that text that this side does not spell: 1 where only the other side puts a space in front.
    """

    ids: NDArray[np.int64]
    ends: Ends
    start: int

    @property
    def starts(self) -> Ends:
        """Bytes spelled before each token, shape ``(tokens,)``."""
        return np.concatenate([[self.start], self.ends[:-1]]).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Pair:
    """An example under two tokenizers, each with its own conversation marks; only the response is joined.

    Attributes:
        row: the teacher's row, prompt included.
        text: the response's bytes.
        teacher: the response as the teacher's tokens.
        student: the response as the student's.
    """

    row: Encoded
    text: bytes
    teacher: Reading
    student: Reading

    @property
    def groups(self) -> Alignment:
        """The smallest groups of tokens that spell the same; left the teacher's, right the student's."""
        return align(self.teacher.ends, self.student.ends)

    @property
    def openings(self) -> tuple[Ends, Ends]:
        """The first token of each group, of the teacher and of the student: both are predicted from the same text.

        Their distributions may be compared as they are by a loss for unlike vocabularies, ``universal_logit``.
        """
        groups = self.groups
        return np.concatenate([[0], groups.left[:-1]]), np.concatenate([[0], groups.right[:-1]])


@dataclass(frozen=True)
class Paired:
    """Examples under both tokenizers.

    Attributes:
        pairs: in the order of the examples; None where the two sides do not read the same.
        troubles: how many, by reason.
    """

    pairs: tuple[Pair | None, ...]
    troubles: Counter[str]


def pair_all(
    examples: Sequence[Example],
    rows: Sequence[Encoded],
    student: Spelling,
    teacher: Spelling,
    tokenizer: PreTrainedTokenizerFast,
    *,
    window: int,
) -> Paired:
    """Let a teacher read what a student's rows spell.

    The student's tokens decide the text (its tokenizer may normalise it), the teacher's tokenizer cuts that very
    text, and the two must spell the same bytes, up to one space that a tokenizer puts in front.

    Args:
        examples: their prompts are what the teacher is asked.
        rows: the student's rows of these examples.
        student: what the student's tokens spell.
        teacher: what the teacher's tokens spell.
        tokenizer: the teacher's.
        window: longest row that the teacher reads, in tokens.
    """
    texts = [_joined(student.spell(row.targets[:-1])) for row in rows]
    asked = [
        replace(example, response=_unled(text or b"", example.response).decode(errors="replace"), options=())
        for example, text in zip(examples, texts, strict=True)
    ]
    answers = encode_all(asked, tokenizer, max_tokens=sys.maxsize).rows
    found = [
        _pair(text, row, answer, student, teacher, window)
        for text, row, answer in zip(texts, rows, answers, strict=True)
    ]
    troubles = Counter(trouble for trouble in found if isinstance(trouble, str))
    return Paired(tuple(None if isinstance(pair, str) else pair for pair in found), troubles)


def _pair(
    text: bytes | None, row: Encoded, asked: Encoded, student: Spelling, teacher: Spelling, window: int
) -> Pair | str:
    said = _joined(teacher.spell(asked.targets[:-1]))
    if text is None or said is None:
        return UNSPELLED
    if len(asked.ids) > window:
        return TOO_LONG
    longer = max(text, said, key=len)
    if longer.removesuffix(text) not in (b"", b" ") or longer.removesuffix(said) not in (b"", b" "):
        return UNLIKE
    return Pair(
        asked,
        longer,
        _reading(asked, teacher, len(longer) - len(said)),
        _reading(row, student, len(longer) - len(text)),
    )


def _reading(row: Encoded, spelling: Spelling, start: int) -> Reading:
    pieces = [piece or b"" for piece in spelling.spell(row.targets[:-1])]
    return Reading(row.targets, token_ends([*pieces, b"\0"]) + start, start)


def _joined(pieces: Sequence[bytes | None]) -> bytes | None:
    return None if None in pieces else b"".join(piece or b"" for piece in pieces)


def _unled(text: bytes, response: str) -> bytes:
    """The text without the space that the student's tokenizer put in front."""
    return text[1:] if text[:1] == b" " and not response.startswith(" ") else text
