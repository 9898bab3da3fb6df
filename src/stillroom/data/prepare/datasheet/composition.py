"""What a corpus is made of, counted row by row."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from stillroom.data.hashing import digest
from stillroom.data.prepare.token_count import TokenCount
from stillroom.types import SPLITS, Example, Split

TAGS = ("kind", "specialty", "difficulty")
REVIEWED_PER_SOURCE = 20
BIN_TOKENS = 64
_ROWS_AT_ONCE = 1024
_RARE = 0.01
LEVELS = (
    *("basic", "basic_anatomy", "intermediate", "clinical_knowledge"),
    *("advanced", "differential_diagnosis", "treatment_planning"),
)
"""Difficulties, from easy to hard: the levels of some sources beside what is asked for in others."""

Row = Mapping[str, Any]
Item = tuple[Split, Row, Example]


class Composition:
    """Counts of a corpus.

    Attributes:
        sources: rows of each split, by source.
        tags: rows of each split, by tag and value.
        tokens: rows by length: place of the bin of ``BIN_TOKENS`` tokens.
        longest: tokens of the longest row.
        review: some rows of each source, chosen by hash.
    """

    def __init__(self, count: TokenCount) -> None:
        """Begin with none."""
        self.sources: dict[str, Counter[str]] = {}
        self.tags: dict[str, dict[str, Counter[str]]] = {tag: {} for tag in TAGS}
        self.tokens: Counter[int] = Counter()
        self.longest = 0
        self._count = count
        self._review: dict[str, list[tuple[int, str, Row]]] = {}

    def take(self, items: Iterable[Item]) -> None:
        """Count all items."""
        left = iter(items)
        while some := list(islice(left, _ROWS_AT_ONCE)):
            prompts = self._count([example.prompt for _, _, example in some])
            responses = self._count([example.response for _, _, example in some])
            for (split, row, example), asked, answered in zip(some, prompts, responses, strict=True):
                self._add(split, row, example, asked + answered)

    @property
    def review(self) -> Iterator[Row]:
        """Rows to look at, source by source."""
        for _, rows in sorted(self._review.items()):
            yield from (row for _, _, row in rows)

    def table(self, tag: str) -> list[dict[str, Any]]:
        """Rows of each value of a tag, the most frequent first."""
        found = self.tags[tag].items()
        return [
            {tag: value, **{split: counts[split] for split in SPLITS}}
            for value, counts in sorted(found, key=lambda pair: (-pair[1].total(), pair[0]))
        ]

    def long_tail(self, tag: str) -> list[dict[str, Any]]:
        """Values that less than 1 % of the training rows have, the rarest first."""
        train = {value: counts["train"] for value, counts in self.tags[tag].items()}
        total = sum(train.values())
        rare = sorted((count, value) for value, count in train.items() if count < _RARE * total)
        return [{tag: value, "rows": count, "share": round(count / total, 6)} for count, value in rare]

    def specialty_weights(self) -> dict[str, float]:
        r"""Weights for ``objective.specialty_weights`` that lift rare specialties.

        .. math:: w_s = \min(4, \sqrt{n_\text{median} / n_s})
        """
        train = {
            value: counts["train"] for value, counts in self.tags["specialty"].items() if counts["train"]
        }
        ordered = sorted(train.values())
        middle = ordered[len(ordered) // 2] if ordered else 0
        return {value: round(min(4.0, (middle / count) ** 0.5), 3) for value, count in sorted(train.items())}

    def curriculum(self) -> list[dict[str, Any]]:
        """Lessons for ``curriculum.lessons`` by difficulty: each adds a level, and lasts as its share of the rows."""
        train = {level: self.tags["difficulty"].get(level, Counter())["train"] for level in LEVELS}
        levels = [level for level in LEVELS if train[level]]
        total, ends = sum(train.values()), 0.0
        lessons = []
        for place, level in enumerate(levels, start=1):
            ends = 1.0 if place == len(levels) else round(max(ends + 0.01, ends + train[level] / total), 2)
            lessons.append({"until": ends, "take": levels[:place]})
        return lessons if len(lessons) > 1 else []

    def quantile(self, share: float) -> int:
        """Upper edge of the bin in which so many of the rows have ended, in tokens."""
        wanted, seen = share * self.tokens.total(), 0
        for place, count in sorted(self.tokens.items()):
            seen += count
            if seen >= wanted:
                return (place + 1) * BIN_TOKENS
        return 0

    def _add(self, split: Split, row: Row, example: Example, tokens: int) -> None:
        self.sources.setdefault(row["source"], Counter())[split] += 1
        for tag in TAGS:
            self.tags[tag].setdefault(getattr(example, tag), Counter())[split] += 1
        self.tokens[tokens // BIN_TOKENS] += 1
        self.longest = max(self.longest, tokens)
        chosen = self._review.setdefault(row["source"], [])
        insort(
            chosen,
            (digest("review", example.id), example.id, {**row, "split": split}),
            key=lambda one: one[:2],
        )
        del chosen[REVIEWED_PER_SOURCE:]
