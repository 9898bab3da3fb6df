"""What stands in a text instead of an identifier."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Protocol

from stillroom.data.prepare.stages.deidentify.ages import OLDEST
from stillroom.data.prepare.stages.deidentify.capitals import PIECE, plain
from stillroom.data.prepare.stages.deidentify.key import Draw
from stillroom.data.prepare.stages.deidentify.lexicon import lexicon
from stillroom.data.prepare.stages.deidentify.listing import listed
from stillroom.data.prepare.stages.deidentify.shifting import shifted
from stillroom.data.prepare.stages.deidentify.spans import Kind

_PHONE_DIGITS = 7
_STREETS = listed(
    "Alder Birch Cedar Chestnut Elm Hawthorn Hickory Juniper Laurel Linden Maple Oak Poplar Spruce Sycamore Walnut"
)
_ENDINGS = listed("Street Avenue Road Lane Drive Court")
_TOWNS = listed("""Ashbrook Brightwater Cedarville Dunmore Eastfield Fairhaven Glenwood Hartsdale Kingsbridge Lakemont
    Millbrook Northfield Oakhurst Pinehill Riverton Stonebridge Thornbury Westbrook""")
_KEPT_ENDING = re.compile(r"\w+$")


class Replacer(Protocol):
    """Writes what stands instead of an identifier."""

    def __call__(self, kind: Kind, text: str) -> str:
        """The new text."""


def tag(kind: Kind, text: str) -> str:
    """Name the kind: ``[NAME]``. An age over 89 becomes ``90+``, as Safe Harbor has it.

    >>> tag("mrn", "123"), tag("age", "93")
    ('[MRN]', '90+')
    """
    return OLDEST if kind == "age" else f"[{kind.upper()}]"


@dataclass(frozen=True)
class Surrogates:
    """Replaces an identifier of a patient by one that belongs to nobody, the same wherever it stands.

    Parts of a name are replaced one by one, so that ``Mr. Smith`` and ``JOHN SMITH`` stay the same person. Telephone
    numbers are of the range that is kept for fiction, web and network addresses of those kept for documentation, social
    security numbers of a range that is not given out. Dates are moved by the patient's own number of days.

    Attributes:
        draw: what surrogates are drawn with.
        patient: whose identifiers they are.
        max_shift_days: most days that a date is moved.
    """

    draw: Draw
    patient: str
    max_shift_days: int

    def __call__(self, kind: Kind, text: str) -> str:
        """The surrogate of an identifier."""
        if kind == "age":
            return OLDEST
        if kind == "name":
            return self._name(text)
        if kind == "date":
            return shifted(text, self.shift_days()) or tag(kind, text)
        if kind in {"address", "facility"}:
            return self._place(kind, text)
        if kind in {"email", "url", "ip"}:
            return self._net(kind, text)
        return self._number(kind, text)

    def shift_days(self) -> int:
        """How far this patient's dates are moved: never by nothing."""
        drawn = self.draw.below(2 * self.max_shift_days, self.patient, "shift") - self.max_shift_days
        return drawn if drawn < 0 else drawn + 1

    def _pick(self, pool: tuple[str, ...] | list[str], what: str, *parts: str) -> str:
        return pool[self.draw.below(len(pool), self.patient, what, *parts)]

    def _name(self, text: str) -> str:
        pieces = list(PIECE.finditer(text)) or list(re.finditer(r"[\w'’-]+", text))
        last = max((place for place, piece in enumerate(pieces) if len(plain(piece[0])) > 1), default=0)
        family = 0 if "," in text else last
        out, position = [], 0
        for place, piece in enumerate(pieces):
            out += [text[position : piece.start()], self._part(piece[0], place == family and len(pieces) > 1)]
            position = piece.end()
        return "".join([*out, text[position:]])

    def _part(self, token: str, is_family: bool) -> str:
        part, words = plain(token), lexicon()
        if len(part) == 1:
            letter = self._pick(list(string.ascii_uppercase), "initial", part)
            return letter + token[1:]
        family = is_family or part not in words.given
        pool = words.surrogates["family" if family else "male" if part in words.male else "female"]
        index = self.draw.below(len(pool), self.patient, "name", part)
        new = pool[index] if pool[index] != part else pool[index - 1]
        return new.upper() if token.isupper() else new if token.islower() else new.capitalize()

    def _number(self, kind: Kind, text: str) -> str:
        stream = self.draw.bytes_of(len(text), self.patient, kind, re.sub(r"\W", "", text).upper())
        new = [_like(old, byte) for old, byte in zip(text, stream, strict=True)]
        digits = [place for place, old in enumerate(text) if old.isdigit()]
        if kind in {"phone", "fax"} and len(digits) >= _PHONE_DIGITS:
            for place, digit in zip(digits[-_PHONE_DIGITS:], "55501", strict=False):
                new[place] = digit
        if kind == "ssn" and len(digits) > _PHONE_DIGITS:
            new[digits[0]] = "9"
        return "".join(new)

    def _net(self, kind: Kind, text: str) -> str:
        code = self.draw.bytes_of(6, self.patient, kind, text.lower()).hex()
        if kind == "email":
            return f"{code}@example.org"
        if kind == "ip":
            return f"192.0.2.{int(code[:2], 16)}" if "." in text else f"2001:db8::{code[:4]}"
        return f"@{code}" if text.startswith("@") else f"https://example.org/{code}"

    def _place(self, kind: Kind, text: str) -> str:
        town = self._pick(_TOWNS, "town", text.lower())
        if kind == "facility":
            ending = _KEPT_ENDING.search(text)
            return f"{town} {ending[0]}" if ending else town
        if not text[0].isdigit():
            return town
        number = 1 + self.draw.below(999, self.patient, "house", text.lower())
        street = (
            f"{self._pick(_STREETS, 'street', text.lower())} {self._pick(_ENDINGS, 'ending', text.lower())}"
        )
        return f"{number} {street}" + (f", {town}" if "," in text else "")


def _like(old: str, byte: int) -> str:
    """A digit for a digit, a letter for a letter, the rest as it is."""
    if old.isdigit():
        return str(byte % 10) if old == "0" else str(1 + byte % 9)
    if old.isalpha():
        letter = string.ascii_uppercase[byte % 26]
        return letter if old.isupper() else letter.lower()
    return old
