"""How fast, in how much memory and how well corpora are prepared: a corpus is grown from real rows, with known copies.

``python benchmarks/prepare.py --data ../shared/data`` prints the tables of `docs/prepare-performance.md`; ``--write``
puts them there and ``--json FILE`` keeps every figure. The corpus is prepared at a few sizes by the steps of the
product (reading, then each stage over shards, by several processes), each time in processes of their own. Deduplication
takes turns with datasketch on the same rows in one process. How time grows is the slope of its logarithm over that of
rows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from prepare_case import TRUTH
from prepare_grown import BENCHMARKS, grown, real_rows
from prepare_peer import by_datasketch, by_stillroom
from prepare_table import PAGE, page, tables

from stillroom.data.prepare.adapters import ADAPTERS

_FILES = 4
Figures = dict[str, Any]


def main() -> None:
    """Grow, prepare, compare and print."""
    options = _options()
    with TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        grow(options.data, options.rows, folder)
        figures: Figures = {"runs": [], "peer": {}}
        sizes = [(rows, options.workers) for rows in options.rows]
        for rows, workers in [*sizes, *[(options.alone, 1)] * (options.workers > 1)]:
            figures["runs"].append(_case(folder / str(rows), workers))
            _keep(figures, options.json)
        figures["peer"] = compare(folder / str(options.rows[0]), options.peer_rows)
        _keep(figures, options.json)
    print(tables(figures))
    if options.write:
        PAGE.write_text(page(figures), encoding="utf-8")


def _keep(figures: Figures, path: Path | None) -> None:
    if path:
        path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def grow(data: Path, sizes: Sequence[int], folder: Path) -> None:
    """Write a corpus of each size; a smaller one is the beginning of a larger one."""
    real, tests = real_rows(data), real_rows(data, BENCHMARKS)
    for rows in sizes:
        _links(data, folder / str(rows) / "tests")
    truths: dict[int, dict[str, tuple[str, str]]] = {rows: {} for rows in sizes}
    with ExitStack() as stack:
        files = {
            rows: [
                stack.enter_context((folder / str(rows) / f"grown{n}.jsonl").open("w", encoding="utf-8"))
                for n in range(_FILES)
            ]
            for rows in sizes
        }
        for number, each in enumerate(islice(grown(real, tests), max(sizes))):
            line = json.dumps(each.row) + "\n"
            for rows in (rows for rows in sizes if number < rows):
                files[rows][number % _FILES].write(line)
                truths[rows][each.row["id"]] = (each.kind, each.original)
    for rows, truth in truths.items():
        (folder / str(rows) / TRUTH).write_text(json.dumps(truth), encoding="utf-8")


def _links(data: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in BENCHMARKS:
        (folder / name).symlink_to((data / ADAPTERS[name].folder).resolve())


def _case(folder: Path, workers: int) -> Figures:
    command = [sys.executable, str(Path(__file__).with_name("prepare_case.py")), str(folder), str(workers)]
    load = os.getloadavg()[0]
    ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = {**json.loads(ended.stdout), "load_average_before": load}
    print(
        f"{figures['rows']} rows, {workers} processes: {figures['seconds']:.0f} s",
        file=sys.stderr,
        flush=True,
    )
    return figures


def compare(folder: Path, count: int, turns: int = 3) -> Figures:
    """Deduplicate the beginning of a corpus by turns, in this process."""
    truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
    lines = [path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.glob("*.jsonl"))]
    beginning = islice((line for group in zip(*lines, strict=False) for line in group), count)
    rows = [{**json.loads(line), "source": "grown"} for line in beginning]
    planted = [row["id"] for row in rows if truth[row["id"]][0] == "planted"]
    passes = [(by_stillroom(rows), by_datasketch(rows)) for _ in range(turns)]
    told: Figures = {
        "rows": len(rows),
        "times_as_fast": [theirs.seconds / ours.seconds for ours, theirs in passes],
    }
    for name, place in (("Stillroom", 0), ("datasketch", 1)):
        copies = passes[0][place].copies
        right = sum(truth[one][1] == truth[other][1] for one, other in copies)
        told[name] = {
            "rows_per_second": len(rows) / median(each[place].seconds for each in passes),
            "copies": len(copies),
            "recall": right / max(len(planted), 1),
            "right": right,
        }
    return told


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with the folders of the real sources"
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[25_000, 50_000, 100_000, 200_000])
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--alone", type=int, default=50_000, help="the size that one process prepares too")
    parser.add_argument("--peer-rows", type=int, default=10_000, help="rows that datasketch takes turns on")
    parser.add_argument("--folder", type=Path, help="where the corpora are written and removed again")
    parser.add_argument("--json", type=Path, help="keep every figure there")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
