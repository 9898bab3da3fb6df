"""The engine benchmark's figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NAMES = {
    "trl": "TRL GKD, live teacher",
    "live": "Stillroom, live teacher",
    "hidden": "Stillroom, cached hidden states",
    "sampled": "Stillroom, cached draws",
}
WAYS = {
    "fused": "fused",
    "without_kernel": "fused, no kernel",
    "dense": "dense",
    "trl_chunked": "TRL chunked",
}
_GIB, _MIB = 2**30, 2**20


def page(found: Mapping[str, Any]) -> list[str]:
    """All tables that there are figures for, with what they were measured on."""
    blocks = [_machine(found["machine"])]
    if "step" in found:
        blocks += [_case(found["case"]), _step(found["step"])]
    if found.get("grid"):
        blocks += [_grid_words(), _grid(found["grid"])]
    if "growth" in found:
        blocks.append(_growth(found["growth"]))
    return _joined(blocks)


def growth_page(found: Mapping[str, Any]) -> list[str]:
    """The growth of the loss alone."""
    return _joined([_machine(found["machine"]), [f"In {found['precision']}."], _growth(found["growth"])])


def _joined(blocks: Sequence[Sequence[str]]) -> list[str]:
    return [line for block in blocks for line in (*block, "")][:-1]


def _machine(machine: Mapping[str, Any]) -> list[str]:
    packages = [name for name in ("stillroom", "torch", "triton", "transformers", "trl") if name in machine]
    versions = ", ".join(f"{name} {machine[name]}" for name in packages)
    return [
        f"{machine['processor']}, {machine['threads']} threads, {', '.join(machine['features'])}; "
        f"Python {machine['python']}, {versions}; load average at the end {machine['load_average']:.1f}."
    ]


def _case(case: Mapping[str, Any]) -> list[str]:
    return [
        f"A step is {case['batch']} rows of {case['time']} tokens, {case['time'] - case['prompt']} of them response "
        f"tokens, in {case['precision']}. Matrix peak measured in the same run: "
        f"{case['matrix_peak_flops'] / 1e9:,.0f} GFLOP/s.",
    ]


def _step(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    head = (
        "program",
        "first loss",
        "s/step",
        "tokens/s",
        "× TRL (range)",
        "peak memory",
        "of TRL's",
        "of matrix peak",
    )
    return _table(head, [_step_cells(row) for row in rows])


def _step_cells(row: Mapping[str, Any]) -> list[str]:
    ratio = "1"
    if row["times_trl"] is not None:
        low, high = row["times_trl_range"]
        ratio = f"{row['times_trl']:.2f} ({low:.2f}–{high:.2f})"
    elif row["program"] != "trl":
        ratio = "–"
    memory = "–" if row["memory_of_trl"] is None else f"{row['memory_of_trl']:.3f}"
    return [
        NAMES[row["program"]],
        f"{row['loss']:.5f}",
        f"{row['seconds']:.2f}",
        f"{row['tokens_per_second']:,.0f}",
        ratio,
        f"{row['peak_bytes'] / _GIB:.2f} GiB",
        memory,
        f"{row['share_of_matrix_peak']:.0%}",
    ]


def _grid_words() -> list[str]:
    return [
        "The step with a live teacher at other sizes: seconds, tokens a second, and the process's peak memory."
    ]


def _grid(cells: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each number of rows, a column for each length."""
    batches, times = (sorted({cell[name] for cell in cells}) for name in ("batch", "time"))
    by_size = {(cell["batch"], cell["time"]): _grid_cell(cell) for cell in cells}
    lines = [[f"{batch}", *(by_size.get((batch, time), "–") for time in times)] for batch in batches]
    return _table(("rows", *(f"{time} tokens" for time in times)), lines)


def _grid_cell(cell: Mapping[str, Any]) -> str:
    speed = cell["batch"] * cell["time"] / cell["seconds"]
    return f"{cell['seconds']:.2f} s, {speed:,.0f}/s, {cell['peak_bytes'] / _GIB:.2f} GiB"


def _growth(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    ways = [way for way in WAYS if any(f"{way}_extra_bytes" in row for row in rows)]
    units = [f"{WAYS[way]}, {unit}" for unit in ("s", "MiB") for way in ways]
    return _table(
        ("tokens", "vocabulary", "width", *units, "saved"), [_growth_cells(row, ways) for row in rows]
    )


def _growth_cells(row: Mapping[str, Any], ways: Sequence[str]) -> list[str]:
    seconds = [row.get(f"{way}_seconds") for way in ways]
    extra = [row.get(f"{way}_extra_bytes") for way in ways]
    parts = [row.get(f"{way}_extra_bytes") for way in ("fused", "dense")]
    return [
        *(f"{row[name]:,}" for name in ("tokens", "vocab", "width")),
        *("–" if value is None else f"{value:.3g}" for value in seconds),
        *("–" if value is None else f"{value / _MIB:,.0f}" for value in extra),
        "–" if None in parts else f"{1 - parts[0] / parts[1]:.1%}",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *("---:" for _ in head[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *rows)]
