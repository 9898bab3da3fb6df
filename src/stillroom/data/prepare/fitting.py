"""Cutting a context to a number of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stillroom.data.prepare.relevance import relevance
from stillroom.data.prepare.sentences import sentences
from stillroom.data.prepare.token_count import TokenCount

GAP = "[…] "


@dataclass(frozen=True)
class Shortened:
    """A context that fits, and how many of its sentences are not in it."""

    text: str
    left_out: int


def shorten(context: str, question: str, room: int, count: TokenCount) -> Shortened:
    """Keep the sentences of a context that say most of a question, in their order.

    Where not even one sentence fits, the most relevant one is cut between two words.

    Args:
        context: longer than ``room``.
        question: what the sentences are compared with.
        room: most tokens.
        count: counts tokens.
    """
    pieces = sentences(context)
    scores, lengths = relevance(question, pieces), count(pieces)
    best_first = sorted(range(len(pieces)), key=lambda place: (-scores[place], place))
    chosen = _greedy(best_first, lengths, room, *count([GAP]))
    while chosen:
        text = _joined(pieces, chosen)
        if count([text])[0] <= room:
            return Shortened(text, len(pieces) - len(chosen))
        chosen.pop()
    return Shortened(_cut(pieces[best_first[0]], room, count), len(pieces) - 1)


def _greedy(best_first: Sequence[int], lengths: Sequence[int], room: int, gap: int) -> list[int]:
    """Places that fit together, best first, with a gap counted for each."""
    chosen: list[int] = []
    for place in best_first:
        if lengths[place] + gap <= room:
            chosen.append(place)
            room -= lengths[place] + gap
    return chosen


def _joined(pieces: Sequence[str], chosen: Sequence[int]) -> str:
    parts, following = [], 0
    for place in sorted(chosen):
        parts += [GAP, pieces[place]] if place > following else [pieces[place]]
        following = place + 1
    if following < len(pieces):
        parts.append(GAP)
    return "".join(parts).strip()


def _cut(text: str, room: int, count: TokenCount) -> str:
    """The longest beginning of a text that fits, found by halving."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count([text[:middle]])[0] <= room else (low, middle - 1)
    words = text[:low].rsplit(maxsplit=1)
    return words[0] if words else ""
