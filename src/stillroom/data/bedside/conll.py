"""Tagged sentences in the form of CoNLL: a word and its tag in each line, an empty line after a sentence."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from stillroom.types import DataError
from stillroom.types.iob import OUTSIDE, follows


class Sentence(NamedTuple):
    """Words and the tag of each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def read_sentences(path: Path, tags: Collection[str]) -> list[Sentence]:
    """Read a gzipped file.

    Args:
        path: the file.
        tags: what a word may be tagged with.

    Raises:
        DataError: the file cannot be read, a line is not a word, a tab and a tag, or an entity goes on that has not
            begun.
    """
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}",
            "the gzipped file as its source gives it",
            "correct data.folder",
        ) from error
    return list(_sentences(path.name, lines, tags))


def _sentences(name: str, lines: list[str], tags: Collection[str]) -> Iterator[Sentence]:
    words: list[str] = []
    given: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if not line.strip():
            if words:
                yield Sentence(tuple(words), tuple(given))
            words, given = [], []
            continue
        word, _, tag = line.partition("\t")
        if not word.strip() or tag not in tags:
            raise _unfit(name, number, "a line that is not a word, a tab and a known tag", tags)
        if not follows(tag, given[-1] if given else OUTSIDE):
            raise _unfit(name, number, f"{tag} goes on from nothing", tags)
        words.append(word)
        given.append(tag)


def _unfit(name: str, number: int, what: str, tags: Collection[str]) -> DataError:
    return DataError(
        f"line {number} of {name}: {what}",
        f"IOB2 with the tags {', '.join(tags)}",
        "take the file as its source gives it",
    )
