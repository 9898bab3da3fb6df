"""A record of a raw file, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stillroom.data.prepare.adapter import Malformed

LONGEST_ROW_BYTES = 4 * 2**20
"""A row that is longer is left out: no note is, and a whole table of them is held in memory."""
TOO_LONG = f"longer than {LONGEST_ROW_BYTES // 2**20} MiB"


class UnfitError(Exception):
    """A record that makes no row. Its message is the reason, and never holds the record's text."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a file says in one place.

    Attributes:
        file: name of the file, without ``.gz``.
        number: line, row or item, counted from 1.
        data: what stands there.
    """

    file: str
    number: int
    data: Mapping[str, Any]

    @property
    def where(self) -> str:
        """File and number."""
        return f"{self.file}:{self.number}"

    @property
    def stem(self) -> str:
        """Name of the file without its ending."""
        return self.file.rpartition(".")[0] or self.file

    def text(self, key: str) -> str:
        """Return a text that must be there.

        Raises:
            UnfitError: there is none, or it is empty, no text (a NaN, a list), or text that cannot be written.

        >>> Record("a.jsonl", 3, {"q": " Why? "}).text("q")
        'Why?'
        """
        if key not in self.data:
            raise UnfitError(f"no {key!r}")
        value = self.data[key]
        if not isinstance(value, str):
            raise UnfitError(f"{key!r} is {_kind(value)}, no text")
        if not value.strip():
            raise UnfitError(f"{key!r} is empty")
        if not value.isascii():
            refuse_half_characters(value)
        return value.strip()

    def maybe(self, key: str) -> str:
        """Return a text, or nothing where there is none."""
        value = self.data.get(key)
        return value.strip() if isinstance(value, str) else ""

    def name(self, key: str) -> str:
        """Return an identifier: a text or a whole number.

        Raises:
            UnfitError: it is neither, or empty.
        """
        value = self.data.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(key)


Records = Iterator[Record | Malformed]


def refuse_half_characters(text: str) -> None:
    """Refuse half of a character, from broken bytes or a broken escape: it can be written nowhere.

    Raises:
        UnfitError: there is one.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnfitError("not UTF-8") from None


def choice(options: Any, answer: Any) -> dict[str, Any]:
    """Make the columns of a multiple-choice item.

    Raises:
        UnfitError: they are no list, an option is empty or no text, the answer is no place in the list, or the right
            option is listed twice.

    >>> choice(["yes", "no"], 1)
    {'options': ['yes', 'no'], 'response': 'no'}
    """
    if not isinstance(options, Sequence) or isinstance(options, str):
        raise UnfitError("the options are no list")
    if not all(isinstance(option, str) and option.strip() for option in options):
        raise UnfitError("an option is empty or no text")
    if not isinstance(answer, int) or isinstance(answer, bool) or not 0 <= answer < len(options):
        raise UnfitError("the answer is none of the options")
    texts = [option.strip() for option in options]
    if texts.count(texts[answer]) > 1:
        raise UnfitError("the right option is listed twice")
    return {"options": texts, "response": texts[answer]}


def lettered(options: Any, letter: Any) -> dict[str, Any]:
    """Make the columns of an item whose options have letters.

    Raises:
        UnfitError: as :func:`choice`, or the options are no object, or the letter none of theirs.

    >>> lettered({"A": "yes", "B": "no"}, "B")["response"]
    'no'
    """
    if not isinstance(options, Mapping) or not options:
        raise UnfitError("the options are no object of letters")
    letters = sorted(options)
    if letter not in letters:
        raise UnfitError("the answer is none of the options")
    return choice([options[each] for each in letters], letters.index(letter))


def _kind(value: Any) -> str:
    if isinstance(value, float) and value != value:
        return "NaN"
    return "null" if value is None else f"a {type(value).__name__}"
