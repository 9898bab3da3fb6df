"""The parts of a row that are compared: what is asked, what it is asked about, what is answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.prepare.likeness.ragged import Ragged, starts_of
from stillroom.data.prepare.likeness.words import NUMBERS, key, words

Words = list[list[str]]


@dataclass(frozen=True)
class Parts:
    """Words of each row of a table.

    Attributes:
        prompt: of the prompt.
        question: of the prompt and of the options, these sorted, so that their order plays no part.
        context: of the context.
        answer: of the response.
    """

    prompt: Words
    question: Words
    context: Words
    answer: Words

    @property
    def whole(self) -> Words:
        """Words of whole rows."""
        return [q + c + a for q, c, a in zip(self.question, self.context, self.answer, strict=True)]

    @property
    def asked(self) -> Words:
        """Words of what is asked, and of what it is asked about."""
        return [q + c for q, c in zip(self.question, self.context, strict=True)]

    def take(self, rows: Sequence[int]) -> Parts:
        """The parts of some rows."""
        texts = (self.prompt, self.question, self.context, self.answer)
        return Parts(*([part[row] for row in rows] for part in texts))

    def keys(self) -> NDArray[np.uint64]:
        """A name for each row, equal where all parts are equal."""
        joined = zip(self.question, self.context, self.answer, strict=True)
        return _keys([*q, "\n", *c, "\n", *a] for q, c, a in joined)

    def question_keys(self) -> NDArray[np.uint64]:
        """A name for what is asked about what, whatever is answered."""
        return _keys([*q, "\n", *c] for q, c in zip(self.question, self.context, strict=True))

    def answer_keys(self) -> NDArray[np.uint64]:
        """A name for the answer."""
        return _keys(self.answer)


def parts_of(rows: pa.Table) -> Parts:
    """Take the rows of a table apart."""
    prompts = [words(text) for text in rows["prompt"].to_pylist()]
    return Parts(
        prompts,
        [prompt + listed(each) for prompt, each in zip(prompts, rows["options"].to_pylist(), strict=True)],
        [words(text) for text in rows["context"].to_pylist()],
        [words(text) for text in rows["response"].to_pylist()],
    )


def listed(options: Sequence[str]) -> list[str]:
    """Words of options, in an order of their own.

    >>> listed(["Zinc", "Iron (III)"])
    ['iron', 'iii', 'zinc']
    """
    return [word for option in sorted(map(words, options)) for word in option]


def numbered(texts: Words) -> Ragged:
    """The number of every word."""
    starts = starts_of(map(len, texts))
    found = map(NUMBERS.__getitem__, chain.from_iterable(texts))
    return Ragged(np.fromiter(found, np.uint64, int(starts[-1])), starts)


def turning_sums(texts: Ragged) -> NDArray[np.uint64]:
    """One number for all words of a text that turn its meaning, in whatever order."""
    turning = texts.values * (texts.values & np.uint64(1))
    sums = np.cumsum(np.append(np.uint64(0), turning))
    return np.diff(sums[texts.starts])


def lettered(texts: Words) -> Ragged:
    """Code points of the texts, their words joined by spaces."""
    joined = [" ".join(text) for text in texts]
    letters = np.frombuffer("".join(joined).encode("utf-32-le", "surrogatepass"), np.uint32)
    return Ragged(letters, starts_of(map(len, joined)))


def _keys(lists: Iterable[list[str]]) -> NDArray[np.uint64]:
    return np.array([key(items) for items in lists], np.uint64)
