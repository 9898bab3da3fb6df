"""Dates moved by a number of days and written as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from stillroom.data.prepare.stages.deidentify.dates import MONTHS, ORDINALS

_TIME = re.compile(r"(?<=\d)T\d")
_PIECE = re.compile(
    r"(?P<digits>\d+)(?:\s?(?P<suffix>st|nd|rd|th)\b)?|(?:twenty|thirty)[- ][a-z]+|[a-z]+", re.I
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)")
_TWO_SHORT = re.compile(r"(\d{1,2}/\d{1,2})(\s?[-–]\s?)(\d{1,2}/\d{1,2})")
_MONTH_OF = {name[:3].lower(): number for number, name in enumerate(MONTHS, 1)}
_DAY_OF = {word: number for number, word in enumerate(ORDINALS, 1)}
_LEAP_YEAR, _MIDDLE_DAY, _PIVOT = 2004, 15, 69

_Role = Literal["year", "month", "day"]


class _Piece(NamedTuple):
    """A part of a written date."""

    start: int
    stop: int
    role: _Role
    text: str
    number: int


def shifted(text: str, days: int) -> str | None:
    """Move a date and write it in its own form; None where the calendar has no such date.

    A date without a year is moved within a leap year, and a month without a day from its middle: what is moved is right
    to the day where day, month and year were given. A time of day stays.

    >>> shifted("March 3rd, 2021", -10), shifted("03/03/21", 30), shifted("Feb 30", 1)
    ('February 21st, 2021', '04/02/21', None)
    """
    if two := _TWO_SHORT.fullmatch(text):
        first, last = shifted(two[1], days), shifted(two[3], days)
        return f"{first}{two[2]}{last}" if first and last else None
    pieces = _pieces(text)
    try:
        moved = _moved(pieces, days)
    except (ValueError, OverflowError):
        return None
    return _written(text, pieces, moved) if len({day.year for day in moved}) == 1 else None


def _pieces(text: str) -> list[_Piece]:
    if compact := _COMPACT.fullmatch(text):
        roles: tuple[_Role, ...] = ("year", "month", "day")
        return [
            _Piece(*compact.span(n), role, compact[n], int(compact[n])) for n, role in enumerate(roles, 1)
        ]
    time = _TIME.search(text)
    found = list(_PIECE.finditer(text, 0, time.start() if time else len(text)))
    if any(_is_month(piece[0]) for piece in found):
        return [piece for piece in _worded(text, found) if piece is not None]
    numbers = [piece for piece in found if piece["digits"]]
    roles = _numeric_roles([piece["digits"] for piece in numbers])
    return [_digits(piece, role) for piece, role in zip(numbers, roles, strict=True)]


def _worded(text: str, found: Sequence[re.Match[str]]) -> list[_Piece | None]:
    """A number behind a month that has a day before it is a year."""
    pieces: list[_Piece | None] = []
    roles: list[_Role] = []
    for piece in found:
        made = _worded_piece(text, piece, roles)
        pieces.append(made)
        roles += [made.role] if made else []
    return pieces


def _worded_piece(text: str, piece: re.Match[str], before: Sequence[_Role]) -> _Piece | None:
    word = piece[0].lower().replace(" ", "-")
    if _is_month(word):
        return _Piece(piece.start(), piece.end(), "month", piece[0], _MONTH_OF[word[:3]])
    if word in _DAY_OF:
        return _Piece(piece.start(), piece.end(), "day", piece[0], _DAY_OF[word])
    if not piece["digits"]:
        return None
    is_year = (
        len(piece["digits"]) == 4
        or text[piece.start() - 1 : piece.start()] in {"'", "’"}
        or list(before) == ["day", "month"]
    )
    return _digits(piece, "year" if is_year else "day")


def _is_month(word: str) -> bool:
    return word[:3].lower() in _MONTH_OF and (len(word) in {3, 4} or word.capitalize() in MONTHS)


def _numeric_roles(numbers: Sequence[str]) -> tuple[_Role, ...]:
    if len(numbers) == 3:
        if len(numbers[0]) == 4:
            return "year", "month", "day"
        return ("month", "day", "year") if int(numbers[0]) <= 12 else ("day", "month", "year")
    if len(numbers[0]) == 4:
        return "year", "month"
    return ("month", "year") if len(numbers[1]) == 4 else ("month", "day")


def _digits(piece: re.Match[str], role: _Role) -> _Piece:
    return _Piece(piece.start(), piece.end(), role, piece[0], int(piece["digits"]))


def _moved(pieces: Sequence[_Piece], days: int) -> list[date]:
    """The moved date of each day that is named, or of the month's middle."""
    parts = {piece.role: piece for piece in pieces}
    if "month" not in parts:
        raise ValueError
    year = parts["year"].number if "year" in parts else _LEAP_YEAR
    if year < 100:
        year += 2000 if year < _PIVOT else 1900
    numbers = [piece.number for piece in pieces if piece.role == "day"] or [_MIDDLE_DAY]
    return [date(year, parts["month"].number, day) + timedelta(days) for day in numbers]


def _written(text: str, pieces: Sequence[_Piece], moved: Sequence[date]) -> str:
    padded, days, position = pieces[0].role == "year", iter(moved), 0
    out: list[str] = []
    for piece in pieces:
        day = next(days) if piece.role == "day" else moved[0]
        names_month = piece.role == "day" and day.month != moved[0].month
        form = f"{MONTHS[day.month - 1]} " * names_month + _form(piece, day, padded)
        out += [text[position : piece.start], form]
        position = piece.stop
    return "".join([*out, text[position:]])


def _form(piece: _Piece, moved: date, padded: bool) -> str:
    """Write a year, month or day as the piece was written."""
    if piece.role == "year":
        return f"{moved.year % 100:02d}" if len(piece.text) == 2 else str(moved.year)
    if piece.text[0].isdigit():
        number = moved.month if piece.role == "month" else moved.day
        written = f"{number:02d}" if padded or piece.text[0] == "0" else str(number)
        return written + (_suffix(number) if piece.text[-1].isalpha() else "")
    word = MONTHS[moved.month - 1] if piece.role == "month" else ORDINALS[moved.day - 1]
    if piece.role == "month" and piece.text.capitalize() not in MONTHS:
        word = word[:3]
    return (
        word.upper() if piece.text.isupper() else word.lower() if piece.text.islower() else word.capitalize()
    )


def _suffix(day: int) -> str:
    return "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
