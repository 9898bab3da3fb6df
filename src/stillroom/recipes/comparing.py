"""Two finished runs, or two folders of evidence, read and set side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stillroom.recipes.evidence_files import DRAWS_FILE, EVIDENCE_FILE, load_draws
from stillroom.recipes.text import parse
from stillroom.report import StageFacts
from stillroom.report.comparison import ComparedRun, document
from stillroom.report.page import render_comparison
from stillroom.types import Evidence, StorageError
from stillroom.types.files import write_json
from stillroom.validate.between import Comparison, Side, compare


def compare_runs(first: Path, second: Path, page: Path) -> Comparison:
    """Compare two run folders; write a page, and beside it the differences as JSON.

    Args:
        first: a run's folder, or one that ``stillroom validate BUNDLE`` wrote.
        second: another.
        page: where the page is written.

    Raises:
        StorageError: a folder holds no evidence, or the page cannot be written.
        MissingExtraError: the extra ``report`` is not installed.
    """
    if first.resolve() == second.resolve():
        raise StorageError(f"{first} twice", "two runs", "name another run")
    titles = (first.name, second.name) if first.name != second.name else (str(first), str(second))
    ours, theirs = read_run(first, titles[0]), read_run(second, titles[1])
    comparison = compare(ours.side, theirs.side)
    render_comparison(ours, theirs, comparison).save(page)
    write_json(page.with_suffix(".json"), document(ours, theirs, comparison))
    return comparison


def read_run(folder: Path, title: str) -> ComparedRun:
    """Read what a run left: its evidence, and as far as they are there its resamples, recipe and manifest.

    Raises:
        StorageError: there is no evidence, or it is damaged.
    """
    try:
        evidence = Evidence.from_dict(json.loads((folder / EVIDENCE_FILE).read_text("utf-8")))
        manifest = _json(folder / "manifest.json")
        recipe = folder / "recipe.yaml"
        lines = dict(_flat(parse(recipe.read_text("utf-8"), str(recipe)))) if recipe.is_file() else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{folder} holds no {EVIDENCE_FILE} that can be read",
            "a finished run's folder",
            "finish it with `stillroom run`, or name another run",
        ) from error
    draws = next((path for at in (folder, folder / "evidence") if (path := at / DRAWS_FILE).is_file()), None)
    return ComparedRun(
        title,
        Side(evidence, load_draws(draws, evidence) if draws else {}, _plain(manifest.get("machine", {}))),
        recipe=lines,
        recipe_fingerprint=manifest.get("recipe_fingerprint", ""),
        seconds=manifest.get("seconds", 0.0),
        peak_memory_bytes=manifest.get("peak_memory_bytes", 0),
        stages=tuple(_stage(stage) for stage in manifest.get("stages", ())),
    )


def _stage(line: Mapping[str, Any]) -> StageFacts:
    return StageFacts(line["name"], line["seconds"], line["peak_memory_bytes"], line["fingerprint"])


def _json(path: Path) -> Mapping[str, Any]:
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: ", ".join(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """The lines of a recipe by dotted key; lists of blocks by their place.

    >>> dict(_flat({"a": {"b": 1, "c": [2, 3]}, "d": [{"e": None}]}))
    {'a.b': '1', 'a.c': '[2, 3]', 'd.0.e': 'null'}
    """
    blocks = isinstance(value, list) and any(isinstance(item, Mapping) for item in value)
    if blocks or (isinstance(value, Mapping) and value):
        pairs = enumerate(value) if blocks else value.items()
        for name, inner in pairs:
            yield from _flat(inner, f"{key}.{name}".removeprefix("."))
    else:
        yield key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
