"""Sentences whose tokens have tags, and their text rebuilt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.lines import plain_name, text_lines
from stillroom.data.prepare.raw.record import Record, Records, UnfitError

_TAG = re.compile(r"O|[BI]-\S+")
_NO_SPACE_BEFORE = frozenset(".,;:!?)]}%'’-/")
_NO_SPACE_AFTER = frozenset("([{'’-/")
_END: list[tuple[int, str | Malformed]] = [(0, "\n")]


def sentences(path: Path) -> Records:
    """Yield sentences of a file with a token and its IOB2 tag a line, apart by a tab; a blank line ends a sentence.

    A record has ``tokens`` and ``tags``. A sentence with a broken line is left out as a whole.
    """
    name, number = plain_name(path), 0
    pairs, wrong = list[tuple[str, str]](), ""
    for _, line in chain(text_lines(path), _END):
        pair = line if isinstance(line, Malformed) else _pair(line)
        if isinstance(pair, Malformed):
            wrong = pair.reason
        elif pair is not None:
            pairs.append(pair)
        elif pairs or wrong:
            number += 1
            yield _sentence(name, number, pairs, wrong)
            pairs, wrong = [], ""


def joined(tokens: Sequence[str]) -> str:
    """Write tokens as a text. What stood between them is not known; this is the usual spacing.

    >>> joined(["Ataxia", "-", "telangiectasia", "(", "A", "-", "T", ")", "is", "rare", "."])
    'Ataxia-telangiectasia (A-T) is rare.'
    """
    text = ""
    for token in tokens:
        apart = text and text[-1] not in _NO_SPACE_AFTER and token[:1] not in _NO_SPACE_BEFORE
        text += f" {token}" if apart else token
    return text


def mentions(tokens: Sequence[str], tags: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the kind and text of every mention, in order.

    Raises:
        UnfitError: a mention goes on that has not begun.

    >>> list(mentions(["No", "colon", "cancer", "."], ["O", "B-Disease", "I-Disease", "O"]))
    [('Disease', 'colon cancer')]
    """
    kind, begun = "", list[str]()
    for token, tag in zip([*tokens, ""], [*tags, "O"], strict=True):
        place, _, now = tag.partition("-")
        if place == "I" and now != kind:
            raise UnfitError("a mention goes on that has not begun")
        if place != "I" and begun:
            yield kind, joined(begun)
        kind, begun = now, [*begun, token] if place == "I" else [token] if place == "B" else []


def _pair(line: str) -> tuple[str, str] | Malformed | None:
    if not line.strip():
        return None
    token, _, tag = line.rstrip("\r\n").partition("\t")
    if not token.strip() or not _TAG.fullmatch(tag):
        return Malformed("", "a line that is no token and tag")
    return token, tag


def _sentence(name: str, number: int, pairs: Sequence[tuple[str, str]], wrong: str) -> Record | Malformed:
    if wrong:
        return Malformed(f"{name}:{number}", wrong)
    tokens, tags = zip(*pairs, strict=True)
    return Record(name, number, {"tokens": list(tokens), "tags": list(tags)})
