"""What two texts must share to be the same text: their words, whatever their case, spacing and punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from unicodedata import normalize

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_WORD = re.compile(
    r"\w+(?:[.,](?<=\d.)\d\w*)*"  # a word or a number, its decimal point inside it
    r"|[<>=≤≥≠±+%]"
    r"|-(?:(?<![\w)].)(?=[.\d])|(?<=[^\W\d].)(?!\w))"  # a minus sign, and that of Rh-
)
_NEGATIONS = "no not never without neither nor cannot except excluding absence absent negative non"
_SIDES = "left right bilateral unilateral upper lower anterior posterior medial lateral proximal distal"
_DIRECTIONS = (
    "increase increased increases decrease decreased decreases high low higher lower highest lowest most least "
    "more less before after elevated reduced acute chronic benign malignant active passive positive true false "
    "male female man woman men women boy girl incorrect correct"
)
_TURNING = frozenset(f"{_NEGATIONS} {_SIDES} {_DIRECTIONS}".split())
_TURNING_SHAPE = re.compile(r"(hypo|hyper|brady|tachy|anti|contra|\W).*|[ivx]+|[b-rw-z]|\w*\d.*")


_REMEMBERED_WORDS = 2**18


def words(text: str) -> list[str]:
    """Words of a text after NFKC and case folding.

    Signs that turn a meaning are words too: ``<``, ``>``, ``=``, ``+``, ``%``, a minus, a decimal point inside its
    number. Letters that only look alike (Latin and Cyrillic ``a``) are different letters.

    >>> words("Ｎa+ of 1.5 mmol/l,  p<0.05")
    ['na', '+', 'of', '1.5', 'mmol', 'l', 'p', '<', '0.05']
    """
    if not text.isascii():
        text = normalize("NFKC", text).translate(_DASHES)
    return _WORD.findall(text.casefold().replace("_", " "))


def turns(word: str) -> bool:
    """Whether a word in the place of another turns the meaning: a number, a sign, a negation, a side, a direction.

    >>> [turns(word) for word in ("b12", "iv", "left", "hypokalemia", "<", "aspirin")]
    [True, True, True, True, True, False]
    """
    return word in _TURNING or bool(_TURNING_SHAPE.fullmatch(word))


def key(items: Iterable[str]) -> int:
    """A 64-bit name of a list of words, the same on every machine.

    >>> key(["a", "b"]) == key(["a", "b"]) != key(["ab"])
    True
    """
    return int.from_bytes(blake2b(" ".join(items).encode("utf-8", "surrogatepass"), digest_size=8).digest())


class Numbers(dict[str, int]):
    """The 64-bit number of each word, found once; odd where the word turns a meaning, else even."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _REMEMBERED_WORDS:
            self.clear()
        self[word] = found = key([word]) & ~1 | turns(word)
        return found


NUMBERS = Numbers()
