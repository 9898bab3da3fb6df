"""Wrong options that cannot be told from the right one by their form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from stillroom.data.hashing import choose, digest, shuffled
from stillroom.data.text import content_words, text_key

OPTIONS = 4
_LENGTH_TOLERANCE = 0.35
_LENGTH_SLACK_CHARACTERS = 6


def with_distractors(
    answer: str, tiers: Iterable[Iterable[str]], prompt: str, *key: object
) -> tuple[str, ...]:
    """Mix the right answer with three wrong ones of like length and like overlap with the prompt.

    How many of the three are longer than the answer is drawn evenly from 0 to 3, so that the answer's rank by
    length says nothing; none is of equal length. Near candidates (early tiers) are preferred, then those
    that share as many words with the prompt as the answer does.

    Args:
        answer: the right option.
        tiers: candidates, nearest first.
        prompt: what the overlap is counted against.
        key: what the hashes are drawn from.

    Returns:
        Four options in an order drawn by hash; none where fewer than three candidates are longer, or fewer
        than three are shorter, within the tolerance: choosing a rank by what is at hand would give it away.
    """
    shorter: list[str] = []
    longer: list[str] = []
    for text in _distinct(answer, _ranked(answer, tiers, prompt, *key)):
        (longer if len(text) > len(answer) else shorter).append(text)
        if min(len(shorter), len(longer)) == OPTIONS - 1:
            break
    else:
        return ()
    count_longer = choose(range(OPTIONS), "rank", *key)
    chosen = longer[:count_longer] + shorter[: OPTIONS - 1 - count_longer]
    return tuple(shuffled([answer, *chosen], "position", *key))


def _ranked(answer: str, tiers: Iterable[Iterable[str]], prompt: str, *key: object) -> Iterator[str]:
    asked = content_words(prompt)
    overlap = len(asked & content_words(answer))
    tolerance = max(_LENGTH_SLACK_CHARACTERS, _LENGTH_TOLERANCE * len(answer))

    def unlike(text: str) -> tuple[int, int]:
        return abs(len(asked & content_words(text)) - overlap), digest(*key, text)

    for tier in tiers:
        yield from _sorted_within(tier, unlike, len(answer), tolerance)


def _sorted_within(
    tier: Iterable[str], unlike: Callable[[str], tuple[int, int]], length: int, tolerance: float
) -> list[str]:
    return sorted((text for text in tier if 0 < abs(len(text) - length) <= tolerance), key=unlike)


def _distinct(answer: str, texts: Iterable[str]) -> Iterator[str]:
    seen = {text_key(answer)}
    for text in texts:
        if (key := text_key(text)) not in seen:
            seen.add(key)
            yield text
