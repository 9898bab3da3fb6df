"""Results on disk: JSON with everything, CSV with a row for each cell, HTML for readers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from stillroom.types import MissingExtraError
from stillroom.types.files import write_json, write_text
from stillroom.validate.suite.results import Cell, SuiteResult, TaskRow

try:
    from stillroom.report.suite import render_suite
except ImportError as error:  # said before anything is run, not after
    raise MissingExtraError.of("jinja2", "report") from error

JSON, CSV, HTML = "results.json", "results.csv", "results.html"
_HEAD = (
    *("task", "area", "method", "state", "why", "figure", "unit", "higher_is_better"),
    *("value", "low", "high", "minus_control", "minus_control_low", "minus_control_high"),
    *("retention", "by_seed", "seconds"),
)


def write_results(result: SuiteResult, folder: Path) -> None:
    """Write all three, each whole or not at all.

    Raises:
        StorageError: the disk is full or not writable.
    """
    write_json(folder / JSON, result.to_dict())
    write_text(folder / CSV, as_csv(result))
    write_text(folder / HTML, render_suite(result))


def as_csv(result: SuiteResult) -> str:
    """A head, then a row for each task and method; what was not measured has its reason instead of figures."""
    tasks = {task.name: task for task in result.tasks}
    text = io.StringIO()
    writer = csv.DictWriter(text, _HEAD, lineterminator="\n")
    writer.writeheader()
    for cell in result.cells:
        writer.writerow(dict(_row(tasks[cell.task], cell)))
    return text.getvalue()


def _row(task: TaskRow, cell: Cell) -> Iterator[tuple[str, object]]:
    yield from {"task": task.name, "area": task.area, "method": cell.method}.items()
    yield from {"state": cell.state, "why": cell.why, "figure": task.figure, "unit": task.unit}.items()
    yield "higher_is_better", task.higher_is_better
    figures = {name: asdict(figure) for name, figure in cell.figures.items()}
    for end in ("value", "low", "high"):
        yield end, figures.get("figure", {}).get(end, "")
        name = "minus_control" if end == "value" else f"minus_control_{end}"
        yield name, figures.get("minus_control", {}).get(end, "")
    yield "retention", figures.get("retention", {}).get("value", "")
    yield "by_seed", " ".join(f"{seed}:{value:.6g}" for seed, value in cell.by_seed.items())
    yield "seconds", cell.seconds
