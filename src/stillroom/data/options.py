"""Wrong options that cannot be told from the right one by their form."""

from __future__ import annotations

from collections.abc import Iterable

from stillroom.data.hashing import choose, digest, shuffled
from stillroom.data.text import content_words, text_key

OPTIONS = 4
RULE = (
    "the right one and three of like length, nearest concepts first; how many of them are longer is drawn evenly "
    "from 0 to 3; at least two share as many words with the question as the right one does"
)
_LENGTH_TOLERANCE = 0.35
_LENGTH_SLACK_CHARACTERS = 6
_LEAST_TEMPTING = 2

_Order = tuple[bool, int, int, int]


def with_distractors(
    answer: str, tiers: Iterable[Iterable[str]], asked: str, *key: object
) -> tuple[str, ...]:
    """Mix the right answer with three wrong ones of like length and like overlap with what is asked.

    Two shortcuts are closed. Length: how many of the three are longer than the answer is drawn evenly from 0 to
    3, and none is of equal length, so the answer's rank says nothing. Echo: at least two of the three share as
    many words with what is asked as the answer does; such candidates come first, then near ones, then those of
    a like number of words.

    Args:
        answer: the right option.
        tiers: candidates, nearest first.
        asked: what the overlap is counted against.
        key: what the hashes are drawn from.

    Returns:
        Four options in an order drawn by hash. None where fewer than three candidates are longer or fewer than
        three shorter (taking the ranks that are at hand would give the answer away), or the echo remains.
    """
    longer, shorter = _ranked(answer, tiers, asked, *key)
    wrong = OPTIONS - 1
    if min(len(longer), len(shorter)) < wrong:
        return ()
    count_longer = choose(range(OPTIONS), "rank", *key)
    chosen = longer[:count_longer] + shorter[: wrong - count_longer]
    if sum(_overlap(asked, text) >= _overlap(asked, answer) for text in chosen) < _LEAST_TEMPTING:
        return ()
    return tuple(shuffled([answer, *chosen], "position", *key))


def _ranked(
    answer: str, tiers: Iterable[Iterable[str]], asked: str, *key: object
) -> tuple[list[str], list[str]]:
    """Longer and shorter candidates of like length: tempting first, then by tier, words and hash.

    Tiers are read until three candidates on either side are as tempting as the answer: no later one could come
    before them.
    """
    tolerance = max(_LENGTH_SLACK_CHARACTERS, _LENGTH_TOLERANCE * len(answer))
    overlap, salt = _overlap(asked, answer), digest(*key)
    sides: tuple[dict[str, _Order], dict[str, _Order]] = {}, {}
    for nearness, tier in enumerate(tiers):
        for text in tier:
            if 0 < abs(len(text) - len(answer)) <= tolerance:
                tempting = _overlap(asked, text) >= overlap
                words_apart = abs(text.count(" ") - answer.count(" "))
                side = sides[len(text) < len(answer)]
                side.setdefault(text, (not tempting, nearness, words_apart, digest(salt, text)))
        if all(sum(not order[0] for order in side.values()) >= OPTIONS - 1 for side in sides):
            break
    longer, shorter = (_distinct(answer, sorted(side, key=side.__getitem__)) for side in sides)
    return longer, shorter


def _overlap(asked: str, text: str) -> int:
    return len(content_words(asked) & content_words(text))


def _distinct(answer: str, texts: Iterable[str]) -> list[str]:
    seen = {text_key(answer): answer}
    for text in texts:
        seen.setdefault(text_key(text), text)
    return list(seen.values())[1:]
