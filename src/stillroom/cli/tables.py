"""Tables and the last lines of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from stillroom.recipes import RunResult
    from stillroom.recipes.finding import Finding
    from stillroom.types import Gate

_FILE_WIDTH = 140
_STYLES = {"ok": "green", "note": "yellow", "problem": "bold red"}


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of text under a head; the first column never wraps."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, title in enumerate(head):
        table.add_column(title, no_wrap=index == 0, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    _console().print(table)


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Print labelled paragraphs; labels stand in a column of their own."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in fields:
        table.add_row(Text(label), Text(text))
    _console().print(table)


def print_findings(findings: Iterable[Finding]) -> None:
    """Print a line for each finding: verdict, subject, what was found, what to do."""
    console = Console(soft_wrap=True, highlight=False)
    for item in findings:
        advice = f". To do: {item.advice}" if item.advice else ""
        verdict = Text(f"{item.verdict:8}", style=_STYLES[item.verdict])
        console.print(verdict + Text(f"{item.subject}: {item.found}{advice}", style="default"))
        for edit in item.edits:
            console.print(Text(f"{'':10}{edit}"))


def print_gates(gates: Sequence[Gate]) -> None:
    """Print what the gates come to, and a line for each that decides and did not pass; nothing where none was set."""
    from stillroom.report.names import SUBJECT_NAMES, VERDICT_NAMES
    from stillroom.validate import outcome

    console, came_to = Console(soft_wrap=True, highlight=False), outcome(gates)
    if came_to:
        console.print(f"gates: {VERDICT_NAMES[came_to]}")
    for gate in (gate for gate in gates if gate.decides and gate.verdict != "pass"):
        why = f" ({gate.note})" if gate.note else ""
        console.print(
            Text(f"  {VERDICT_NAMES[gate.verdict]}: {gate.name}, {SUBJECT_NAMES[gate.subject].lower()}{why}")
        )


def print_result(result: RunResult) -> None:
    """Print the subjects' figures, what the run cost, and where its report is."""
    if result.evidence is not None:
        from stillroom.report import summary_rows

        head, *rows = summary_rows(result.evidence)
        print_table(head, rows)
        print_gates(result.evidence.gates)
    cost = f"{result.seconds / 60:.1f} min, peak memory {result.peak_memory_bytes / 2**30:.2f} GiB"
    place = f"report: {result.report_path}" if result.report_path else f"run folder: {result.run_dir}"
    Console(soft_wrap=True, highlight=False).print(f"{cost}; {place}")


def _console() -> Console:
    """As wide as the terminal; in a file or a pipe, where there is no width, wide enough for the table of a run."""
    console = Console()
    return console if console.is_terminal else Console(width=_FILE_WIDTH)
