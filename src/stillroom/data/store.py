"""A corpus on disk: one JSON Lines file per split and a manifest that proves them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from stillroom.data import options, splits
from stillroom.data.digests import DigestSet
from stillroom.types import SPLITS, Corpus, DataError, Example, Source, Split, StorageError
from stillroom.types.files import atomic_dir, canonical_json, write_json

MANIFEST = "manifest.json"
FORMAT = 1


def save(corpus: Corpus, path: Path) -> None:
    """Write a corpus to a folder, whole or not at all; an existing one of that name is replaced.

    Raises:
        StorageError: the disk is full or not writable.
    """
    with atomic_dir(path) as folder, writing(folder, corpus.name) as writer:
        for split, rows in corpus.splits.items():
            for row in rows:
                writer.add(split, row)
        writer.finish(corpus.sources, corpus.dropped)


class CorpusWriter:
    """Writes a corpus row by row; whoever has all of it in memory uses :func:`save`."""

    def __init__(self, folder: Path, name: str, files: Mapping[Split, TextIO]) -> None:
        """Write into open files of a folder."""
        self._folder, self._name, self._files = folder, name, files
        self._tally = Tally()

    def add(self, split: Split, example: Example) -> None:
        """Write a row."""
        self._files[split].write(canonical_json(asdict(example)) + "\n")
        self._tally.add(split, example)

    def finish(self, sources: Sequence[Source], dropped: Mapping[str, int]) -> str:
        """Write the manifest, and return the fingerprint, which is that of the corpus as it will be read."""
        for file in self._files.values():
            file.flush()
        fingerprint = _fingerprint(self._folder, self._name, sources)
        about = _manifest(self._name, fingerprint, sources, self._tally, dropped)
        write_json(self._folder / MANIFEST, about)
        return fingerprint


@contextmanager
def writing(folder: Path, name: str) -> Iterator[CorpusWriter]:
    """Open the files of a corpus in a folder that is new and empty."""
    with ExitStack() as stack:
        yield CorpusWriter(
            folder,
            name,
            {
                split: stack.enter_context((folder / f"{split}.jsonl").open("w", encoding="utf-8"))
                for split in SPLITS
            },
        )


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
    tally = Tally()
    for split, rows in corpus.splits.items():
        for row in rows:
            tally.add(split, row)
    return _manifest(corpus.name, corpus.fingerprint, corpus.sources, tally, corpus.dropped)


class Tally:
    """Counts rows as they come: of each split, of its groups and multiple-choice items, and of each tag."""

    def __init__(self) -> None:
        """Begin with none."""
        self.items = dict.fromkeys(SPLITS, 0)
        self.groups = {split: DigestSet() for split in SPLITS}
        self.multiple_choice = dict.fromkeys(SPLITS, 0)
        self.tags: Counter[tuple[str, str, str, str]] = Counter()

    def add(self, split: Split, row: Example) -> None:
        """Count a row."""
        self.items[split] += 1
        self.groups[split].add(row.group)
        self.multiple_choice[split] += bool(row.options)
        self.tags[split, row.kind, row.specialty, row.difficulty] += 1

    def counts(self) -> list[dict[str, str | int]]:
        """How many rows have the same split, kind, specialty and difficulty."""
        names = ("split", "kind", "specialty", "difficulty")
        return [
            dict(zip(names, tag, strict=True)) | {"items": count} for tag, count in sorted(self.tags.items())
        ]


def _manifest(
    name: str, fingerprint: str, sources: Sequence[Source], tally: Tally, dropped: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "name": name,
        "fingerprint": fingerprint,
        "sources": [asdict(source) for source in sources],
        "split_rule": splits.RULE,
        "options_rule": options.RULE,
        "items": tally.items,
        "groups": {split: len(groups) for split, groups in tally.groups.items()},
        "multiple_choice": tally.multiple_choice,
        "counts": tally.counts(),
        "dropped": dict(dropped),
    }


def _fingerprint(folder: Path, name: str, sources: Sequence[Source]) -> str:
    """:attr:`Corpus.fingerprint` of the rows in the files, read line by line: each line is canonical JSON."""
    hashed = hashlib.sha256()
    about = canonical_json({"name": name, "sources": [asdict(source) for source in sources]})
    hashed.update(f'{about[:-1]},"splits":{{'.encode())
    for number, split in enumerate(sorted(SPLITS)):
        hashed.update(f'{"," if number else ""}"{split}":['.encode())
        with (folder / f"{split}.jsonl").open("rb") as file:
            for place, line in enumerate(file):
                hashed.update(b"," * bool(place) + line.rstrip(b"\n"))
        hashed.update(b"]")
    hashed.update(b"}}")
    return hashed.hexdigest()


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
        sources=tuple(Source.from_dict(source) for source in about["sources"]),
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
