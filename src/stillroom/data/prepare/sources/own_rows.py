"""Rows of the user's own files: columns by their usual names, whatever the format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import Any

from stillroom.data.prepare.adapter import Malformed, RawRow
from stillroom.data.prepare.raw.lines import plain_name
from stillroom.data.prepare.raw.parts import Part, made
from stillroom.data.prepare.raw.record import Record, Records, UnfitError, lettered
from stillroom.data.prepare.sources.shared import split_named, stated_split
from stillroom.types import DataError

COLUMNS: Mapping[str, str] = {
    "prompt": "prompt, instruction or question",
    "context": "context, or input beside an instruction",
    "response": "response, output or answer",
    "messages": "instead of these: a list of {role, content}, the last of them the assistant's",
    "id": "unique; file and number where there is none",
    "options": "a list that holds the response, or an object {A: ..., B: ...} with the letter as answer",
    "others": "task, specialty, difficulty, patient, document, concept, split, benchmark, as in every row",
}
"""Names of columns that are understood; others are passed over."""
_PLAIN = ("specialty", "difficulty")
_GROUPS = ("patient", "document", "concept")
_ROLES: Mapping[str, str] = {"human": "user", "gpt": "assistant"}
_FIRST_WORD = re.compile(r"[a-z]+")

Formats = Mapping[str, Callable[[Path], Records] | None]
"""Patterns of names without ``.gz``, the first that fits counts; what reads such a file, or None to pass it over."""


def read_own(path: Path, formats: Formats) -> Iterator[RawRow]:
    """Yield the rows of all files of some formats, by name; a split is what a row, a file or a folder is called.

    Args:
        path: a file, or a folder with files at any depth.
        formats: which files, and what reads them.

    Raises:
        DataError: there is no such file.
    """
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    known = [(file, records) for file in files if (records := _reader(file, formats))]
    if not known:
        raise DataError(
            f"{path} holds no file of this format",
            " or ".join(name for name, records in formats.items() if records),
            "correct the path",
        )
    for file, records in known:
        yield from _read_file(file, path, records)


def _reader(file: Path, formats: Formats) -> Callable[[Path], Records] | None:
    name = plain_name(file)
    return next((records for pattern, records in formats.items() if fnmatch(name, pattern)), None)


def _read_file(file: Path, path: Path, records: Callable[[Path], Records]) -> Iterator[RawRow]:
    names = [*file.relative_to(path).parts[:-1], plain_name(file).rpartition(".")[0]]
    splits = [split_named(found.group()) for name in names if (found := _FIRST_WORD.match(name.lower()))]
    row = partial(own_row, prefix="-".join(names), split=next(filter(None, reversed(splits)), ""))
    part = Part(file.name, records, row)
    for record in records(file):
        yield record if isinstance(record, Malformed) else made(record, part)


def own_row(record: Record, prefix: str, split: str) -> Mapping[str, Any]:
    """Make a row of a record with usual column names.

    >>> own_row(Record("a.jsonl", 2, {"instruction": "Translate.", "input": "ASS", "output": "aspirin"}), "a", "")
    {'prompt': 'Translate.', 'context': 'ASS', 'response': 'aspirin', 'id': 'a-2', 'task': 'instruction'}

    Raises:
        UnfitError: it has no prompt or response, or a column that says nothing it could mean.
    """
    row = {**_said(record), "id": record.name("id") if "id" in record.data else f"{prefix}-{record.number}"}
    row["task"] = record.maybe("task") or ("multiple_choice" if row.get("options") else "instruction")
    row |= {name: text for name in _PLAIN if (text := record.maybe(name))}
    row |= {name: record.name(name) for name in _GROUPS if record.data.get(name) not in (None, "")}
    if stated := stated_split(record)["split"] or split:
        row["split"] = stated
    return {**row, "benchmark": True} if _is_benchmark(record) else row


def _said(record: Record) -> dict[str, Any]:
    turns = record.data.get("messages") or record.data.get("conversations")
    if isinstance(turns, Sequence) and not isinstance(turns, str):
        return _of_turns(turns)
    asked = _first(record, ("prompt", "instruction", "question"))
    said = {"prompt": record.text(asked)}
    if context := record.maybe("context") or (record.maybe("input") if asked == "instruction" else ""):
        said["context"] = context
    return {**said, **_answer(record, _first(record, ("response", "output", "answer")))}


def _answer(record: Record, name: str) -> dict[str, Any]:
    options = record.data.get("options")
    if isinstance(options, str) and options.strip():
        try:
            options = json.loads(options)
        except ValueError:
            raise UnfitError("'options' is no JSON") from None
    if options is None or options == "":
        return {"response": record.text(name)}
    if isinstance(options, Mapping):
        return lettered(options, record.text(name))
    if not isinstance(options, list):
        raise UnfitError("'options' is neither a list nor an object")
    return {"response": record.text(name), "options": options}


def _of_turns(turns: Sequence[Any]) -> dict[str, Any]:
    """The last turn is the response, the one before it the prompt, what came earlier the context."""
    told = [_turn(turn) for turn in turns]
    if [role for role, _ in told[-2:]] != ["user", "assistant"]:
        raise UnfitError("the messages do not end with a user's and an assistant's")
    earlier = "\n".join(f"{role}: {text}" for role, text in told[:-2])
    said = {"prompt": told[-2][1], "response": told[-1][1]}
    return {**said, "context": earlier} if earlier else said


def _turn(turn: Any) -> tuple[str, str]:
    if not isinstance(turn, Mapping):
        raise UnfitError("a message that is no object")
    role, text = turn.get("role", turn.get("from")), turn.get("content", turn.get("value"))
    if not isinstance(role, str) or not isinstance(text, str):
        raise UnfitError("a message without role or content")
    return _ROLES.get(role, role), text.strip()


def _first(record: Record, names: Sequence[str]) -> str:
    for name in names:
        if record.data.get(name) is not None:
            return name
    raise UnfitError(f"none of the columns {', '.join(names)}")


def _is_benchmark(record: Record) -> bool:
    return str(record.data.get("benchmark", "")).strip().lower() in ("true", "1")
