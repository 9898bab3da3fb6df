"""What is learned from: examples, where they came from, and how they are split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal, Self, get_args

from stillroom.types.files import fingerprint

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Example:
    """One instruction and its response.

    Attributes:
        id: stable identifier, unique in the corpus; safe to log (never patient text).
        prompt: the instruction.
        response: the answer to learn; for a multiple-choice item, the text of the right option.
        kind: the kind of task, such as ``definition``.
        specialty: clinical specialty, such as an organ system.
        difficulty: ``basic``, ``intermediate`` or ``advanced``.
        group: what may not cross splits (concept, document or patient).
        options: the options of a multiple-choice item, the right one among them; empty otherwise.
    """

    id: str
    prompt: str
    response: str
    kind: str
    specialty: str
    difficulty: str
    group: str
    options: tuple[str, ...] = ()

    @property
    def answer(self) -> int:
        """Index of the right option of a multiple-choice item."""
        return self.options.index(self.response)


@dataclass(frozen=True, slots=True)
class Source:
    """Where examples come from, and on what terms.

    Attributes:
        name: of the data set or model.
        version: its version or commit.
        licence: by its SPDX name where it has one.
        url: where it is published.
        citation: how to cite it.
        terms: what the licence asks of whoever passes on what was made of it, such as ``share-alike``; empty where
            that is not known or nothing but attribution.
    """

    name: str
    version: str
    licence: str
    url: str
    citation: str
    terms: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from ``dataclasses.asdict``, also after it went through JSON."""
        return cls(**{**data, "terms": tuple(data.get("terms", ()))})


@dataclass(frozen=True)
class Corpus:
    """Examples by split, with their provenance. Frozen; equal content has an equal fingerprint.

    Attributes:
        name: the corpus' name.
        sources: provenance and licence of every source.
        splits: the examples of each split.
        dropped: how many candidate rows were left out, by reason.
    """

    name: str
    sources: tuple[Source, ...]
    splits: Mapping[Split, tuple[Example, ...]]
    dropped: Mapping[str, int]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the content of all splits and the provenance."""
        return fingerprint(
            {
                "name": self.name,
                "sources": [asdict(source) for source in self.sources],
                "splits": {split: [asdict(row) for row in rows] for split, rows in self.splits.items()},
            }
        )
