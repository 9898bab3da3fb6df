"""How much the sentences of a context have to do with a question."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")
_SATURATION, _LENGTH_WEIGHT = 1.2, 0.75


def relevance(question: str, sentences: Sequence[str]) -> list[float]:
    r"""Okapi BM25 of each sentence for a question, where the sentences are the whole collection.

    .. math:: \sum_{w \in q} \ln\left(1 + \frac{n - n_w + ½}{n_w + ½}\right)
        \frac{f_w (k + 1)}{f_w + k (1 - b + b \, l / \bar l)}, \quad k = 1.2,\ b = 0.75

    where of n sentences n_w hold the word w, this one f_w times, and it has l words, on average l̄.

    Source: Robertson and Zaragoza 2009, doi:10.1561/1500000019.

    >>> near, far = relevance("Does aspirin help?", ["Aspirin helps.", "Results follow."])
    >>> near > far == 0
    True
    """
    asked = set(_WORD.findall(question.lower()))
    words = [_WORD.findall(text.lower()) for text in sentences]
    counts = [Counter(word for word in found if word in asked) for found in words]
    held = Counter(word for count in counts for word in count)
    rarity = {word: math.log1p((len(words) - n + 0.5) / (n + 0.5)) for word, n in held.items()}
    mean = sum(map(len, words)) / max(len(words), 1) or 1.0
    return [_score(count, rarity, len(found) / mean) for count, found in zip(counts, words, strict=True)]


def _score(count: Counter[str], rarity: dict[str, float], length: float) -> float:
    damping = _SATURATION * (1 - _LENGTH_WEIGHT + _LENGTH_WEIGHT * length)
    return sum(rarity[word] * n * (_SATURATION + 1) / (n + damping) for word, n in sorted(count.items()))
