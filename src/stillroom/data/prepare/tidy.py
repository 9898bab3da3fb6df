"""One form of a text: composed Unicode, no markup, nothing invisible, white space that means something."""

from __future__ import annotations

import re
from unicodedata import normalize

from stillroom.data.prepare.markup import plain
from stillroom.types import MissingExtraError

UNTIDY = r"[^\n\x20-\x7e]|<[A-Za-z/!?]|&[#A-Za-z]|  |^\s|\s$| \n|\n |\n\n\n"
"""RE2 pattern of what a text must contain for :func:`tidy` to change it; most texts contain nothing of it."""

_ROUNDS = 8
_INVISIBLE = "\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
_NOTHING = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f{_INVISIBLE}]|[\U000e0000-\U000e007f]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_AROUND_LINE_ENDS = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


def tidy(text: str) -> str:
    r"""Bring a text into the one form; a text in that form is returned as it is.

    Text that was decoded by the wrong rules is repaired (ftfy), tags and entities are resolved, typographic quotes and
    ligatures become plain, letters and their accents one character (NFC), what is invisible goes: control
    characters, zero-width characters, marks of writing direction. At most one empty line and one space stand together.

    Raises:
        MissingExtraError: ftfy is not installed.

    >>> tidy("<b>Ménière’s</b>\u200b  disease&nbsp;\r\n\r\n\r\n\r\nNaÃ¯ve")
    "Ménière's disease\n\nNaïve"
    """
    for _ in range(_ROUNDS):
        before, text = text, _once(text)
        if text == before:
            break
    return text


def _once(text: str) -> str:
    text = plain(text)
    if not text.isascii():
        text = _repaired(text)
    text = _NOTHING.sub("", _LINE_ENDS.sub("\n", text))
    text = _AROUND_LINE_ENDS.sub("\n", _SPACES.sub(" ", text))
    return normalize("NFC", _EMPTY_LINES.sub("\n\n", text).strip())


def _repaired(text: str) -> str:
    """Undo wrong decoding, line by line: files are joined of parts with histories of their own."""
    try:
        from ftfy import fix_encoding
        from ftfy.badness import is_bad
        from ftfy.fixes import fix_latin_ligatures, uncurl_quotes
    except ImportError as error:
        raise MissingExtraError.of("ftfy", "corpus") from error
    if is_bad(text):
        text = "".join(
            fix_encoding(line) if is_bad(line) else line for line in text.splitlines(keepends=True)
        )
    return str(fix_latin_ligatures(uncurl_quotes(text)))
