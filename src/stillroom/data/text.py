"""When two texts say the same: keys that ignore case, plural, word order, punctuation and spelling."""

from __future__ import annotations

import re
from functools import lru_cache

_CACHED_TEXTS = _CACHED_WORDS = 2**15
_WORD = re.compile(r"[a-z0-9]+")
_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"\d+(st|nd|rd|th)?[a-z]?|[ivx]+[a-z]?|[a-z]")
_EMPTY_WORDS = frozenset({"a", "an", "and", "in", "of", "or", "the"})
_COUNTING_WORDS = frozenset({"first", "second", "third", "fourth", "fifth", "left", "right", "type"})
_UK_SPELLING = (
    (re.compile(r"ae|oe"), "e"),
    (re.compile(r"our(?=$|s$|ed$|less$)"), "or"),
    (re.compile(r"is(?=(e|ed|ation|ing)s?$)"), "iz"),
    (re.compile(r"ys(?=(e|ed)$)"), "yz"),
    (re.compile(r"(?<=[tb])re(?=s?$)"), "er"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"grey"), "gray"),
)
_PLURALS = ((re.compile(r"ies$"), "y"), (re.compile(r"(?<=[xs])es$"), ""), (re.compile(r"(?<![sui])s$"), ""))


def squeeze(text: str) -> str:
    r"""Collapse white space.

    >>> squeeze(" one\n  two ")
    'one two'
    """
    return _SPACE.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """Lower-case words and numbers of a text, in American spelling and the singular.

    >>> words("Tumours of the oesophagus")
    ['tumor', 'of', 'the', 'esophagus']
    """
    return [_plain_word(word) for word in _WORD.findall(text.lower())]


@lru_cache(_CACHED_TEXTS)
def content_words(text: str) -> frozenset[str]:
    """The words of a text that carry its meaning.

    >>> sorted(content_words("An abnormality of the kidneys"))
    ['abnormality', 'kidney']
    """
    return frozenset(words(text)) - _EMPTY_WORDS


@lru_cache(_CACHED_TEXTS)
def text_key(text: str) -> str:
    """A key that texts share when they differ only in case, plural, word order, punctuation or spelling.

    >>> text_key("Abnormality of the kidneys") == text_key("kidney abnormality")
    True
    """
    return " ".join(sorted(word for word in words(text) if word not in _EMPTY_WORDS))


def series_key(text: str) -> str:
    """As :func:`text_key`, and blind to numbers, ordinals, Roman numerals, single letters and sides.

    Members of a numbered series ("Deafness, autosomal recessive 8") are near copies of each other: who has
    learned one knows the rest.

    >>> series_key("Short 2nd finger") == series_key("Short 5th fingers")
    True
    """
    kept = (word for word in words(text) if not _NUMBER.fullmatch(word))
    return " ".join(sorted(word for word in kept if word not in _EMPTY_WORDS | _COUNTING_WORDS))


@lru_cache(_CACHED_WORDS)
def _plain_word(word: str) -> str:
    for pattern, american in _UK_SPELLING:
        word = pattern.sub(american, word)
    for pattern, ending in _PLURALS:
        if len(word) > 3 and pattern.search(word):
            return pattern.sub(ending, word)
    return word
