"""The results of a suite as one page that needs nothing else. Rendering, no computing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from stillroom.report import svg
from stillroom.report.assembly import assemble_suite
from stillroom.report.format import MINUS, seconds, significant
from stillroom.validate.suite.ranking import RankTable, rank_tables, standing
from stillroom.validate.suite.results import Cell, Figure, SuiteResult, TaskRow
from stillroom.validate.suite.sentences import sentences

_STATES = {
    "not_applicable": "not applicable",
    "absent": "absent",
    "left_out": "left out",
    "failed": "failed",
}
_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 700, 170, 24, 24, 58


def render_suite(result: SuiteResult) -> str:
    """Render results as a page: what they come to, ranks, methods by tasks, and how it was done."""
    tables = rank_tables(result)
    return assemble_suite(
        result=result,
        sentences=sentences(result),
        tables=tables,
        drawings=[rank_drawing(f"ranks-{n}", table, titles(result)) for n, table in enumerate(tables)],
        standings={method.name: standing(result, method.name) for method in result.methods},
        number=number,
        spoken=spoken,
        told=told,
        sizes=sizes,
        answer=answer,
        seconds=seconds,
    )


def titles(result: SuiteResult) -> Mapping[str, str]:
    """What each method is called."""
    return {method.name: method.title for method in result.methods}


def number(figure: Figure | None, *, signed: bool = False) -> str:
    """A value to three decimals; a difference with its sign.

    >>> number(Figure(0.12345)), number(Figure(-0.01), signed=True), number(Figure(0.01), signed=True)
    ('0.123', '−0.010', '+0.010')
    """
    if figure is None:
        return ""
    return _text(figure.value, signed)


def spoken(figure: Figure | None, *, signed: bool = False) -> str:
    """A value with its 95 % interval.

    >>> spoken(Figure(0.5, 0.4, 0.6))
    '0.500 (0.400 to 0.600)'
    """
    if figure is None or figure.low is None or figure.high is None:
        return number(figure, signed=signed)
    low, high = (_text(end, signed) for end in (figure.low, figure.high))
    return f"{number(figure, signed=signed)} ({low} to {high})"


def told(cell: Cell) -> str:
    """What stands in place of a figure."""
    return f"{_STATES[cell.state]}: {cell.why}"


def sizes(task: TaskRow) -> str:
    """Weights and bytes of the student, bytes of the teacher, as far as they are known.

    >>> row = TaskRow("a", "made", "auroc", "area", True, "", "measured", sizes={"student_parameters": 9674.0})
    >>> sizes(row)
    '9,674 weights'
    """
    parts = [f"{significant(task.sizes['student_parameters'], 4)} weights"] if task.sizes else []
    for key, who in (("student_bytes", "bundle"), ("teacher_bytes", "teacher")):
        if task.sizes.get(key):
            parts.append(f"{who} {significant(task.sizes[key] / 1e6)} MB")
    return ", ".join(parts)


def answer(task: TaskRow) -> str:
    """What one answer of the student's bundle costs on one core, as far as it is known."""
    if "answer_ms" not in task.sizes:
        return ""
    median, high = task.sizes["answer_ms"], task.sizes["answer_ms_p95"]
    joules = {key: value for key, value in task.sizes.items() if key.startswith("answer_joules_")}
    energy = [f"{significant(1000 * value)} mJ {key.rpartition('_')[2]}" for key, value in joules.items()]
    times = f"{significant(median)} ms (95 of 100 below {significant(high)})"
    return ", ".join([times, f"{significant(1000 / median)} a second", *energy])


def rank_drawing(identifier: str, table: RankTable, names: Mapping[str, str]) -> Markup:
    """Mean ranks on a line for each method, with the critical difference as a bar: the picture of Demšar 2006."""
    scale = svg.Scale(1.0, float(len(table.methods)), _LEFT, _WIDTH - _RIGHT)
    bottom = _TOP + _ROW * len(table.ordered)
    parts = [svg.text(0, 16, f"Mean rank over {len(table.tasks)} tasks; 1 is best", class_="panel-title")]
    for tick in range(1, len(table.methods) + 1):
        parts.append(svg.line(scale(tick), _TOP - 8, scale(tick), bottom, "grid"))
        parts.append(svg.text(scale(tick), bottom + 16, tick, "middle", "tick"))
    for at, (method, rank) in enumerate(table.ordered):
        y = _TOP + _ROW * at + _ROW / 2
        parts.append(svg.text(0, y + 4, names[method]))
        parts.append(svg.marker("student", scale(rank), y))
        parts.append(svg.text(scale(rank) + 9, y + 4, f"{rank:.2f}", class_="note"))
    parts += _bar(scale, table)
    words = "; ".join(f"{names[method]} {rank:.2f}" for method, rank in table.ordered)
    difference = f"critical difference {table.ranking.critical_difference:.2f}"
    return svg.figure(identifier, _WIDTH, bottom + 26, "Mean ranks", f"{words}; {difference}", parts)


def _bar(scale: svg.Scale, table: RankTable) -> Sequence[Markup]:
    """The critical difference, from rank 1; where it is wider than the picture, it ends at its border."""
    difference, y = table.ranking.critical_difference, 38
    wide = difference > len(table.methods) - 1
    label = f"critical difference {difference:.2f}{', wider than the picture' if wide else ''}"
    end = scale(min(1 + difference, len(table.methods)))
    return [
        svg.line(scale(1), y, end, y, "span", stroke="#30363d"),
        svg.text(scale(1), y - 6, label, class_="note"),
    ]


def _text(value: float, signed: bool) -> str:
    return (f"{value:+.3f}" if signed else f"{value:.3f}").replace("-", MINUS)
