"""A corpus on disk: one JSON Lines file per split and a manifest that proves them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stillroom.data import options, splits
from stillroom.types import SPLITS, Corpus, DataError, Example, Source, StorageError
from stillroom.types.files import atomic_dir, canonical_json, write_json

MANIFEST = "manifest.json"
FORMAT = 1


def save(corpus: Corpus, path: Path) -> None:
    """Write a corpus to a folder, whole or not at all; an existing one of that name is replaced.

    Raises:
        StorageError: the disk is full or not writable.
    """
    with atomic_dir(path) as folder:
        for split, rows in corpus.splits.items():
            _write_rows(folder / f"{split}.jsonl", rows)
        write_json(folder / MANIFEST, manifest(corpus))


def load_saved(path: Path) -> Corpus:
    """Read a corpus back and verify it against its fingerprint.

    Raises:
        DataError: there is no corpus in the folder.
        StorageError: a file is missing, malformed, or not what was saved.
    """
    if not (path / MANIFEST).is_file():
        raise DataError(
            f"{path} holds no corpus", f"a folder with {MANIFEST}", "run `stillroom prepare` first"
        )
    try:
        corpus, expected = _read(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, type(error).__name__) from error
    if corpus.fingerprint != expected:
        raise _damaged(
            path, f"its content has fingerprint {corpus.fingerprint[:12]}, not {str(expected)[:12]}"
        )
    return corpus


def manifest(corpus: Corpus) -> dict[str, Any]:
    """Describe a corpus: provenance, counts, split rule, what was dropped and why, fingerprint."""
    return {
        "format": FORMAT,
        "name": corpus.name,
        "fingerprint": corpus.fingerprint,
        "sources": [asdict(source) for source in corpus.sources],
        "split_rule": splits.RULE,
        "options_rule": options.RULE,
        "items": {split: len(rows) for split, rows in corpus.splits.items()},
        "groups": {split: len({row.group for row in rows}) for split, rows in corpus.splits.items()},
        "multiple_choice": {
            split: sum(bool(row.options) for row in rows) for split, rows in corpus.splits.items()
        },
        "counts": _counts(corpus),
        "dropped": dict(corpus.dropped),
    }


def _counts(corpus: Corpus) -> list[dict[str, str | int]]:
    tags = Counter(
        (split, row.kind, row.specialty, row.difficulty)
        for split, rows in corpus.splits.items()
        for row in rows
    )
    names = ("split", "kind", "specialty", "difficulty")
    return [dict(zip(names, tag, strict=True)) | {"items": count} for tag, count in sorted(tags.items())]


def _write_rows(path: Path, rows: Iterable[Example]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(canonical_json(asdict(row)) + "\n")


def _read_rows(path: Path) -> Iterator[Example]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield Example(**row | {"options": tuple(row["options"])})


def _read(path: Path) -> tuple[Corpus, str]:
    about = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    if about["format"] != FORMAT:
        raise ValueError("another format")
    corpus = Corpus(
        name=about["name"],
        sources=tuple(Source(**source) for source in about["sources"]),
        splits={split: tuple(_read_rows(path / f"{split}.jsonl")) for split in SPLITS},
        dropped=about["dropped"],
    )
    return corpus, about["fingerprint"]


def _damaged(path: Path, what: str) -> StorageError:
    return StorageError(
        f"the corpus in {path} is damaged: {what}",
        "the files as they were saved",
        f"delete {path} and run again",
    )
