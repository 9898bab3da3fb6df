"""Which tokens of one vocabulary spell the tokens of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from stillroom.data.spelling import Spelling

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

NOTHING = -1
Tokenize = Callable[[list[str]], list[list[int]]]


class Splitter:
    """Cuts bytes into a vocabulary's tokens, as its tokenizer would; remembers the first token of each answer."""

    def __init__(self, spelling: Spelling, tokenize: Tokenize) -> None:
        """Join a vocabulary with its tokenizer."""
        self.spelling = spelling
        self._tokenize = tokenize
        self._first: dict[bytes, int] = {}

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast) -> Self:
        """Take both from a tokenizer; no special tokens are added.

        Raises:
            ModelError: the tokenizer loses bytes.
        """

        def tokenize(texts: list[str]) -> list[list[int]]:
            ids: list[list[int]] = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)[
                "input_ids"
            ]
            return ids

        return cls(Spelling.of(tokenizer), tokenize)

    def split(self, strings: Sequence[bytes]) -> list[tuple[int, ...]]:
        """Cut each string; an empty tuple where no tokens spell it.

        A string is cut by the tokenizer, alone, as at the beginning of a text. What the tokenizer cannot be asked, or
        answers with other bytes (part of a character; a space put in front), is cut into the longest tokens.
        """
        asked = [(at, text) for at, text in enumerate(map(_text, strings)) if text]
        answers = self._tokenize([text for _, text in asked]) if asked else []
        found: list[tuple[int, ...]] = [()] * len(strings)
        for (at, _), ids in zip(asked, answers, strict=True):
            found[at] = tuple(ids) if self._spells(ids, strings[at]) else ()
        return [ids or self._longest(string) for ids, string in zip(found, strings, strict=True)]

    def first(self, strings: Iterable[bytes]) -> NDArray[np.int64]:
        """The first token of each string, −1 where there is none, shape ``(strings,)``."""
        wanted = list(strings)
        new = list({string for string in wanted if string not in self._first})
        for string, ids in zip(new, self.split(new), strict=True):
            self._first[string] = ids[0] if ids else NOTHING
        return np.array([self._first[string] for string in wanted], dtype=np.int64)

    def _spells(self, ids: Sequence[int], string: bytes) -> bool:
        pieces = self.spelling.spell(ids)
        return (
            all(piece is not None for piece in pieces)
            and b"".join(piece or b"" for piece in pieces) == string
        )

    def _longest(self, string: bytes) -> tuple[int, ...]:
        ids: list[int] = []
        while string:
            number = self.spelling.longest(string)
            if number is None:
                return ()
            ids.append(number)
            string = string[len(self.spelling.pieces[number] or b"") :]
        return tuple(ids)


@dataclass(frozen=True)
class VocabularyMap:
    """A sparse map from a teacher's vocabulary to a student's.

    A token that the student spells with one token is carried exactly; one that it spells with several is *decomposed*,
    and its probability at a position belongs to the first of them. Special tokens are carried by role alone: whatever
    ends the teacher's answer ends the student's.

    Attributes:
        pieces: by teacher token, the student tokens that spell it; empty where nothing does.
        ends: teacher tokens that end an answer.
    """

    pieces: tuple[tuple[int, ...], ...]
    ends: frozenset[int]

    @classmethod
    def between(cls, teacher: Spelling, student: Splitter, *, ends: Iterable[int], end: int) -> Self:
        """Map by bytes.

        A student token that spells the same bytes and that its own tokenizer never uses for them (a numeral, where it
        cuts digits apart) is no match: the student would not be asked for it.

        Args:
            teacher: what the teacher's tokens spell.
            student: what the student's tokens spell, and its tokenizer.
            ends: teacher tokens that end an answer.
            end: the student token that does.
        """
        pieces = student.split([piece or b"" for piece in teacher.pieces])
        ends = frozenset(ends)
        for number in ends:
            pieces[number] = (end,)
        return cls(tuple(pieces), ends)

    @property
    def first(self) -> NDArray[np.int64]:
        """By teacher token, the student token that takes its probability; −1 for none, shape ``(teacher vocab,)``."""
        return np.array([ids[0] if ids else NOTHING for ids in self.pieces], dtype=np.int64)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """By teacher token, how many student tokens spell it: 1 exact, more decomposed, 0 unmatched."""
        return np.array([len(ids) for ids in self.pieces], dtype=np.int64)


def _text(string: bytes) -> str | None:
    try:
        return string.decode()
    except UnicodeDecodeError:
        return None
