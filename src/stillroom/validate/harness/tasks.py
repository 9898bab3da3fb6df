"""Task files, and the items of a data folder that they are asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from stillroom.types import DataError, did_you_mean

NAMES = ("medmcqa", "medqa", "mmlu_medical", "pubmedqa")
"""Task files; each is asked about the source of the same name."""

_SPLITS = {"medmcqa": ("validation", "test")}
_LETTERS = 4


@dataclass(frozen=True)
class HarnessTask:
    """One task: how it asks, and what.

    Attributes:
        name: such as ``mmlu_medical_anatomy``.
        config: the task file's lines.
        items: ``prompt``, ``context``, ``options`` and ``answer`` (an index) of each item.
    """

    name: str
    config: Mapping[str, Any]
    items: tuple[Mapping[str, Any], ...]


def load_tasks(names: list[str], folder: Path, limit: int | None) -> list[HarnessTask]:
    """Load task files and read their items.

    MMLU is a task for each of its eight subjects.

    Args:
        names: of ``NAMES``.
        folder: holds a folder of each source, as ``stillroom data NAME`` describes it.
        limit: most items of each task, the first; None: all.

    Raises:
        DataError: an unknown task, or no items of one.
    """
    found = []
    for name in names:
        if name not in NAMES:
            raise DataError(f"unknown task {name!r}", "a task that is shipped", did_you_mean(name, NAMES))
        text = (files("stillroom.validate.harness") / "tasks" / f"{name}.yaml").read_text(encoding="utf-8")
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for part, item in _items(name, folder):
            groups.setdefault(part, []).append(item)
        if not groups:
            raise DataError(
                f"no items of {name} in {folder}", "the source's files", f"see `stillroom data {name}`"
            )
        for part, items in sorted(groups.items()):
            found.append(
                HarnessTask(f"{name}_{part}" if part else name, yaml.safe_load(text), tuple(items[:limit]))
            )
    return found


def _items(name: str, folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The part that an item belongs to, and the item."""
    from stillroom.data.prepare.adapter import Malformed
    from stillroom.data.prepare.adapters import ADAPTERS

    adapter = ADAPTERS[name]
    path = folder / (adapter.folder or name)
    if not path.is_dir():
        raise DataError(f"no folder {path}", f"the files of {name}", f"see `stillroom data {name}`")
    for row in adapter.read(path):
        if isinstance(row, Malformed) or row.get("task") != "multiple_choice":
            continue
        options = list(row["options"])
        lettered = name == "pubmedqa" or len(options) == _LETTERS
        if row.get("split", "test") in _SPLITS.get(name, ("test",)) and lettered:
            answer = options.index(row["response"])
            item = {
                "prompt": row["prompt"],
                "context": row.get("context", ""),
                "options": options,
                "answer": answer,
            }
            yield (_subject(str(row["id"])) if name == "mmlu_medical" else ""), item


def _subject(identifier: str) -> str:
    """The subject that an identifier of MMLU begins with.

    >>> _subject("college_biology-test-12")
    'college_biology'
    """
    return identifier.partition("-")[0]
