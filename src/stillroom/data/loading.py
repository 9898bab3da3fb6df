"""Load a corpus, and refuse one that cannot be trained or measured on."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from stillroom.data.file.settings import FileSettings
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.settings import CorpusSettings
from stillroom.data.sources import SOURCES
from stillroom.types import SPLITS, Corpus, DataError


def load(settings: CorpusSettings) -> Corpus:
    """Build the corpus that a recipe asks for.

    Raises:
        DataError: a split is empty or identifiers repeat.
        MissingExtraError: the source's package is not installed.
    """
    return checked(SOURCES[settings.source](settings))


def stamp(settings: CorpusSettings) -> dict[str, str]:
    """What a corpus depends on beside its settings: the content of files.

    Raises:
        DataError: a file cannot be read.
    """
    if isinstance(settings, ClinicalSettings):
        from stillroom.data.prepare.build import content

        return content(settings)
    if not isinstance(settings, FileSettings):
        return {}
    try:
        with Path(settings.path).open("rb") as file:
            return {"sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError as error:
        raise DataError(
            f"cannot read {settings.path}: {type(error).__name__}", "a JSON Lines file", "correct corpus.path"
        ) from error


def checked(corpus: Corpus) -> Corpus:
    """Return the corpus if every split has items, every item an answer, and identifiers and groups keep their place.

    Raises:
        DataError: a split or a response is empty, identifiers repeat, or a group is in two splits.
    """
    for split in SPLITS:
        if not corpus.splits.get(split):
            raise DataError(
                f"corpus {corpus.name!r} has no {split} items",
                "at least 1 in every split",
                f"raise the counts in corpus.{split}, or its share",
            )
    _refuse_empty_responses(corpus)
    _refuse_repeated_ids(corpus)
    _refuse_straddling_groups(corpus)
    return corpus


def _refuse_empty_responses(corpus: Corpus) -> None:
    """A student would learn to say nothing."""
    empty = [row.id for rows in corpus.splits.values() for row in rows if not row.response.strip()]
    if empty:
        raise DataError(
            f"corpus {corpus.name!r} has {len(empty)} empty responses, the first in {empty[0]!r}",
            "a response in every item",
            "leave these items out",
        )


def _refuse_repeated_ids(corpus: Corpus) -> None:
    counts = Counter(example.id for rows in corpus.splits.values() for example in rows)
    repeated = [id for id, count in counts.items() if count > 1]
    if repeated:
        raise DataError(
            f"corpus {corpus.name!r} repeats {len(repeated)} identifiers, the first {repeated[0]!r}",
            "unique identifiers",
            "give each row its own id",
        )


def _refuse_straddling_groups(corpus: Corpus) -> None:
    home: dict[str, str] = {}
    for split, rows in corpus.splits.items():
        for example in rows:
            if home.setdefault(example.group, split) != split:
                raise DataError(
                    f"group {example.group!r} is in {home[example.group]} and in {split}",
                    "each group in one split",
                    "split by group, not by row",
                )
