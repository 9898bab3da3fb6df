"""From a source to shards: every raw row becomes a row, or is put into quarantine with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stillroom.data.digests import DigestSet
from stillroom.data.prepare.account import Account
from stillroom.data.prepare.adapter import Adapter, Malformed, RawRow
from stillroom.data.prepare.quarantine import Limit, Quarantine
from stillroom.data.prepare.shards import ROWS_PER_SHARD, Shard, filled, shard_name, write_table
from stillroom.data.prepare.sound import row_of
from stillroom.data.prepare.work import measured, told
from stillroom.types import DataError
from stillroom.types.files import write_json

Use = Literal["learn", "benchmark"]


@dataclass(frozen=True)
class SourceFiles:
    """A source of a recipe.

    Attributes:
        name: what the recipe calls it: first part of its rows' identifiers.
        adapter: how it is read.
        path: file or folder.
        use: ``benchmark`` where nothing of it may be learned from.
    """

    name: str
    adapter: Adapter
    path: Path
    use: Use


@dataclass(frozen=True)
class ReadTask:
    """A source to be read.

    Attributes:
        source: which.
        number: its place among the sources.
        folder: where its shards go.
        limit: how much may go into quarantine.
        longest_row_characters: a longer row goes into quarantine.
        rows_per_shard: rows of a full shard.
    """

    source: SourceFiles
    number: int
    folder: Path
    limit: Limit
    longest_row_characters: int
    rows_per_shard: int = ROWS_PER_SHARD

    @property
    def shard_count(self) -> Path:
        """The file that says how many shards the source has; written last."""
        return self.folder / f"{self.number:03d}.shards.json"


def read(task: ReadTask) -> Account:
    """Read a source into shards.

    Raises:
        DataError: it cannot be read to its end, it changed meanwhile, or too much went into quarantine.
    """
    source, quarantine = task.source, Quarantine(task.source.name, task.limit)
    number = rows = 0
    with measured() as cost, told(f"source {source.name!r}"), quarantine.kept(_listed(task)):
        before = _state(source)
        tables = filled(_sound_rows(task, quarantine), task.rows_per_shard)
        for number, made in enumerate(tables, start=1):
            write_table(made, Shard(task.folder, shard_name(task.number, number - 1)).rows)
            rows += made.num_rows
        if _state(source) != before:
            raise _gone(source, "changed while it was read")
        quarantine.finish(rows)
    account = Account(rows + quarantine.rows, rows, 0, dict(sorted(quarantine.reasons.items())), **cost)
    account.write(Shard(task.folder, f"{task.number:03d}").account)
    write_json(task.shard_count, number)
    return account


def _listed(task: ReadTask) -> Path:
    return task.folder / f"{task.number:03d}.quarantine.jsonl"


def _sound_rows(task: ReadTask, quarantine: Quarantine) -> Iterator[Mapping[str, Any]]:
    """The rows that are sound, each identifier once."""
    source, seen = task.source, DigestSet()
    for place, raw in enumerate(_raw_rows(source), start=1):
        row = raw if isinstance(raw, Malformed) else row_of(raw, source.name, task.longest_row_characters)
        if isinstance(row, str):
            row = Malformed(f"row {place}", row)
        elif not isinstance(row, Malformed) and not seen.add(row["id"]):
            row = Malformed(f"row {place}", "an identifier again")
        if isinstance(row, Malformed):
            quarantine.add(row, place)
        elif source.use == "benchmark":
            yield {**row, "benchmark": True, "split": "test"}
        else:
            yield row


def _raw_rows(source: SourceFiles) -> Iterator[RawRow]:
    """The adapter's rows.

    Raises:
        DataError: the files end before their rows do, or cannot be read at all.
    """
    place = 0
    try:
        for raw in source.adapter.read(source.path):
            place += 1
            yield raw
    except (OSError, EOFError) as error:
        raise _gone(source, f"cannot be read beyond row {place} ({type(error).__name__})") from error


def _gone(source: SourceFiles, what: str) -> DataError:
    return DataError(
        f"source {source.name!r} in {source.path} {what}",
        "files that stay as they are until they are read",
        f"look at them, or leave the source out with corpus.sources.{source.name}=null; what is done is kept",
    )


def _state(source: SourceFiles) -> list[tuple[str, int, int]]:
    """Size and time of every file, to notice one that changes."""
    try:
        states = [(file, file.stat()) for file in files_of(source.path)]
    except OSError as error:
        raise _gone(source, f"is not there ({type(error).__name__})") from error
    return [(file.as_posix(), state.st_size, state.st_mtime_ns) for file, state in states]


def files_of(path: Path) -> list[Path]:
    """The files that a source is read from, hidden ones left out."""
    if not path.is_dir():
        return [path]
    below = (file for file in path.rglob("*") if not file.name.startswith("."))
    return sorted(file for file in below if file.is_file())
