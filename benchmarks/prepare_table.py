"""Figures of prepared corpora as tables."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from stillroom.data.prepare.likeness.bands import choose_bands
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings

PAGE = Path(__file__).parents[1] / "docs" / "prepare-performance.md"
MARK = "<!-- tables -->"
CORPUS_ROWS = 1_540_000
_PACKAGES = ("stillroom", "numpy", "pyarrow", "datasketch")
Figures = dict[str, Any]


def page(figures: Figures) -> str:
    """The page with new tables."""
    return PAGE.read_text(encoding="utf-8").partition(MARK)[0] + f"{MARK}\n\n{tables(figures)}\n"


def tables(figures: Figures) -> str:
    """All tables."""
    runs, peer = figures["runs"], figures["peer"]
    together = [run for run in runs if run["workers"] == runs[0]["workers"]]
    parts = [
        _machine(runs),
        _steps(together[-1]),
        _growth(together),
        _quality(together),
        _workers(runs),
        _peer(peer),
    ]
    return "\n\n".join(part for part in parts if part)


def exponent(rows: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of rows that seconds grow with: the slope of a line through their logarithms.

    >>> round(exponent([1, 2, 4], [3, 6, 12]), 6)
    1.0
    """
    return float(np.polyfit(np.log(rows), np.log(seconds), 1)[0])


def _machine(runs: Sequence[Figures]) -> str:
    versions = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    loads = ", ".join(f"{run['load_average_before']:.1f}" for run in runs)
    known = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    processor = next(line.partition(":")[2].strip() for line in known if "model name" in line)
    python = f"Python {platform.python_version()}"
    return f"{processor}, {psutil.cpu_count()} threads; {python}, {versions}; load average before each run {loads}."


def _steps(run: Figures) -> str:
    lines = [
        f"{run['rows']:,} rows, {run['workers']} processes. Memory: all processes together, mapped files included.",
        "",
        "| step | rows in | rows out | seconds | rows/s | processor seconds | rows a processor second | peak MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for step in [*run["steps"], _all(run)]:
        rows, seconds, used = step["rows_in"], step["seconds"], step["processor_seconds"]
        speed = f"{seconds:.1f} | {rows / seconds:,.0f} | {used:.1f} | {rows / used:,.0f}"
        memory = f"{step['peak_memory_bytes'] / 2**20:,.0f}"
        lines.append(f"| {step['name']} | {rows:,} | {step['rows_out']:,} | {speed} | {memory} |")
    return "\n".join(lines)


def _all(run: Figures) -> Figures:
    steps = run["steps"]
    return {
        "name": "all",
        "rows_in": steps[0]["rows_in"],
        "rows_out": steps[-1]["rows_out"],
        "seconds": run["seconds"],
        "processor_seconds": sum(step["processor_seconds"] for step in steps),
        "peak_memory_bytes": max(step["peak_memory_bytes"] for step in steps),
    }


def _growth(runs: Sequence[Figures]) -> str:
    rows = [run["rows"] for run in runs]
    heads = " | ".join(f"{each:,} rows" for each in rows)
    lines = [
        "Processor seconds, which other work on the machine distorts less than those of the clock.",
        "",
        f"| step | {heads} | exponent | 1.54 M rows, processor hours |",
        "|---|" + "---:|" * (len(rows) + 2),
    ]
    for name in [step["name"] for step in runs[0]["steps"]] + ["all"]:
        seconds = [_figure(run, name, "processor_seconds") for run in runs]
        power = exponent(rows, seconds) if len(rows) > 1 else 1.0
        hours = seconds[-1] * (CORPUS_ROWS / rows[-1]) ** max(power, 1.0) / 3600
        lines.append(
            f"| {name} | {' | '.join(f'{each:.1f}' for each in seconds)} | {power:.2f} | {hours:.2f} |"
        )
    memory = " | ".join(f"{_all(run)['peak_memory_bytes'] / 2**20:,.0f}" for run in runs)
    return "\n".join([*lines, f"| peak memory, MiB | {memory} | | |"])


def _figure(run: Figures, name: str, figure: str) -> float:
    return float(next(step[figure] for step in [*run["steps"], _all(run)] if step["name"] == name))


def _quality(runs: Sequence[Figures]) -> str:
    lines = [
        "| rows | planted copies | found | recall | precision | taken wrongly | planted leaks | found | others |",
        "|---:|---:|---:|---:|---:|---|---:|---:|---:|",
    ]
    for run in runs:
        copies, leaks = run["copies"], run["leaks"]
        wrong = ", ".join(f"{count} {kind}" for kind, count in copies["wrong"].items()) or "none"
        lines.append(
            f"| {run['rows']:,} | {copies['planted']:,} | {copies['found']:,} | {copies['recall']:.4f} | "
            f"{copies['precision']:.4f} | {wrong} | {leaks['planted']} | {leaks['found']} | {leaks['others']} |"
        )
    return "\n".join(lines)


def _workers(runs: Sequence[Figures]) -> str:
    alone = next((run for run in runs if run["workers"] == 1), None)
    other = next((run for run in runs if alone and run["rows"] == alone["rows"] and run is not alone), None)
    if alone is None or other is None:
        return ""
    lines = [
        f"| {alone['rows']:,} rows | 1 process, s | {other['workers']} processes, s | times as fast |",
        "|---|---:|---:|---:|",
    ]
    for name in [step["name"] for step in alone["steps"]] + ["all"]:
        one, several = _figure(alone, name, "seconds"), _figure(other, name, "seconds")
        lines.append(f"| {name} | {one:.1f} | {several:.1f} | {one / several:.2f} |")
    return "\n".join(lines)


def _peer(peer: Figures) -> str:
    settings = DeduplicateSettings()
    bands = choose_bands(settings.permutations, settings.threshold)
    ratios = peer["times_as_fast"]
    lines = [
        f"{peer['rows']:,} rows, one process, {len(ratios)} turns; {bands.number} bands of {bands.rows}, threshold "
        f"{settings.threshold}. Stillroom was {math.prod(ratios) ** (1 / len(ratios)):.1f} times as fast "
        f"({min(ratios):.1f} to {max(ratios):.1f}).",
        "",
        "| program | rows/s | copies | of these planted | recall |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in ("Stillroom", "datasketch"):
        told = peer[name]
        counts = f"{told['copies']:,} | {told['right']:,} | {told['recall']:.4f}"
        lines.append(f"| {name} | {told['rows_per_second']:,.0f} | {counts} |")
    return "\n".join(lines)
