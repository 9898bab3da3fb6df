"""Two runs on one page: what is different between them, as far as the evidence bears it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from markupsafe import Markup

from stillroom.report import marks, verdict
from stillroom.report.context import StageFacts
from stillroom.report.figures import Figures
from stillroom.report.names import SUBJECT_NAMES, metric_name, part_name
from stillroom.report.verdict import Standing, standing
from stillroom.types import Gate, Metric, Subject
from stillroom.validate import outcome
from stillroom.validate.between import Compared, Comparison, Side
from stillroom.validate.metrics import COMPARISONS

_SUBJECTS: tuple[Subject, ...] = ("bundle", "student", "control", "teacher", "student_untrained")
_MAIN = ("log_perplexity", "choice_accuracy")
_CHANCE = 0.05


@dataclass(frozen=True)
class ComparedRun:
    """A run as the page tells it.

    Attributes:
        title: what it is called.
        side: its evidence, and what it is compared by.
        recipe: its recipe's lines, by dotted key; empty where it is not known.
        recipe_fingerprint: SHA-256 of the recipe, or nothing.
        seconds: wall time of all stages.
        peak_memory_bytes: highest memory of any stage.
        stages: its stages; none where their costs are not known.
    """

    title: str
    side: Side
    recipe: Mapping[str, str] = field(default_factory=dict)
    recipe_fingerprint: str = ""
    seconds: float = 0.0
    peak_memory_bytes: int = 0
    stages: tuple[StageFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table: its head, what is compared, and what that means for the second run."""

    head: str
    compared: Compared
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class Part:
    """Figures of one subject: of all items, what was set beside other subjects, and of parts of the items."""

    subject: Subject
    figures: tuple[Line, ...]
    comparisons: tuple[Line, ...]
    parts: tuple[Line, ...]


def contents(first: ComparedRun, second: ComparedRun, comparison: Comparison) -> dict[str, Any]:
    """Everything that the page's template reads."""
    lines = [_line(compared) for compared in comparison.shared]
    main = _main_lines(first, lines)
    found, sentence = headline(main, second.title)
    return {
        "first": first,
        "second": second,
        "grounds": comparison.grounds,
        "standing": found,
        "headline": sentence,
        "main": main,
        "claims": [_claim(line) for line in main],
        "verdicts": [_verdict(run) for run in (first, second)],
        "by_chance": _by_chance(lines),
        "parts": [part for subject in _SUBJECTS if (part := _part(subject, lines)).figures],
        "gates": _gates(first.side.evidence.gates, second.side.evidence.gates),
        "recipe": _different(first.recipe, second.recipe),
        "stages": _stages(first.stages, second.stages),
        "alone": [
            (first.title, _told_alone(comparison.only_first)),
            (second.title, _told_alone(comparison.only_second)),
        ],
        "statement": verdict.STATEMENT,
    }


def document(first: ComparedRun, second: ComparedRun, comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain data: every number of the page that neither run's evidence holds."""
    return {
        "first": first.title,
        "second": second.title,
        "grounds": list(comparison.grounds),
        "shared": [
            {
                "name": row.first.name,
                "subject": row.first.subject,
                "first": row.first.value,
                "second": row.second.value,
                "basis": row.basis,
                "difference": asdict(row.difference) if row.difference else None,
            }
            for row in comparison.shared
        ],
        "only_first": [[metric.name, metric.subject] for metric in comparison.only_first],
        "only_second": [[metric.name, metric.subject] for metric in comparison.only_second],
        "recipe": [[key, *told] for key, *told in _different(first.recipe, second.recipe)],
    }


def headline(main: Sequence[Line], second: str) -> tuple[Standing, str]:
    """Sum the main figures up in a sentence about the second run."""
    named = {
        kind: " and ".join(line.head for line in main if line.standing == kind)
        for kind in ("shown", "against")
    }
    if named["shown"] and named["against"]:
        return "open", f"{second} is better by {named['shown']}, and worse by {named['against']}."
    if named["shown"]:
        return "shown", f"{second} is better, by {named['shown']}."
    if named["against"]:
        return "against", f"{second} is worse, by {named['against']}."
    if any(line.compared.difference for line in main):
        return "open", "It is not demonstrated that the answers of these runs differ in quality."
    return "open", "The quality of these runs' answers cannot be compared."


def _main_lines(run: ComparedRun, lines: Iterable[Line]) -> list[Line]:
    """The figures that decide, of the bundle, or of the student where no bundle was measured in both runs."""
    primary = run.side.fact("primary")
    names = _MAIN if primary is None else (str(primary),)
    by_key = {(line.compared.first.name, line.compared.first.subject): line for line in lines}
    for subject in ("bundle", "student"):
        if found := [by_key[name, subject] for name in names if (name, subject) in by_key]:
            return found
    return []


def _line(compared: Compared) -> Line:
    directed = compared.difference is not None and compared.first.higher_is_better is not None
    found = standing(compared.difference) if directed and compared.difference else None
    return Line(_label(compared.first.name), compared, found)


def _label(name: str) -> str:
    """What a figure is called where figures of all kinds stand below each other.

    >>> _label("auroc_minus_control"), _label("auroc/sex:female")
    ('AUROC, difference to the control', 'AUROC, sex female')
    """
    base = name.partition("/")[0]
    other = base.partition("_minus_")[2]
    beside = f", difference to the {other.replace('_', ' ')}" if other else ""
    part = part_name(name)
    return f"{metric_name(name)}{beside}{f', {part}' if part else ''}"


def _claim(line: Line) -> Markup:
    row = line.compared
    told = Markup("{} of the {}: {} and {}").format(
        line.head, SUBJECT_NAMES[row.first.subject].lower(), marks.number(row.first), marks.number(row.second)
    )
    if row.difference is None:
        return told + "; not compared."
    text = Markup("{}; {} difference {} ({}).")
    return text.format(told, row.basis, marks.number(row.difference), marks.interval(row.difference))


def _verdict(run: ComparedRun) -> tuple[str, Standing, str, str, Any]:
    figures = Figures(run.side.evidence)
    found, sentence = verdict.headline(figures)
    return run.title, found, sentence, verdict.gates_in_words(figures), outcome(run.side.evidence.gates)


def _by_chance(lines: Sequence[Line]) -> str:
    told = [
        line
        for line in lines
        if line.standing and line.compared.difference and line.compared.basis != "exact"
    ]
    beyond = sum(line.standing != "open" for line in told)
    return (
        f"Of {len(told)} differences with an interval, {beyond} do not hold zero. Were the runs alike in everything, "
        f"about {_CHANCE * len(told):.0f} would still not hold it; such chance findings come together, because many "
        "figures look at the same answers."
        if told
        else ""
    )


def _part(subject: Subject, lines: Iterable[Line]) -> Part:
    ours = [line for line in lines if line.compared.first.subject == subject]
    whole = [line for line in ours if "/" not in line.compared.first.name]
    return Part(
        subject,
        tuple(line for line in whole if line.compared.first.name not in COMPARISONS),
        tuple(line for line in whole if line.compared.first.name in COMPARISONS),
        tuple(line for line in ours if line not in whole and not _is_comparison_of_a_part(line)),
    )


def _is_comparison_of_a_part(line: Line) -> bool:
    return line.compared.first.name.partition("/")[0] in COMPARISONS


def _gates(first: Sequence[Gate], second: Sequence[Gate]) -> list[tuple[str, Gate | None, Gate | None]]:
    """Gates by what they say and of whom, those of both first."""
    ours, theirs = ({(gate.name, gate.subject): gate for gate in gates} for gates in (first, second))
    keys = sorted({**ours, **theirs}, key=lambda key: (key in ours) + (key in theirs), reverse=True)
    return [(f"{key[0]} ({SUBJECT_NAMES[key[1]]})", ours.get(key), theirs.get(key)) for key in keys]


def _different(first: Mapping[str, str], second: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Lines of two recipes that are not the same; what one has not is a dash."""
    keys = [key for key in dict.fromkeys([*first, *second]) if first.get(key) != second.get(key)]
    return [(key, first.get(key, "–"), second.get(key, "–")) for key in keys]


def _stages(
    first: Sequence[StageFacts], second: Sequence[StageFacts]
) -> list[tuple[str, StageFacts | None, StageFacts | None]]:
    ours, theirs = ({stage.name: stage for stage in stages} for stages in (first, second))
    return [(name, ours.get(name), theirs.get(name)) for name in dict.fromkeys([*ours, *theirs])]


def _told_alone(metrics: Iterable[Metric]) -> list[tuple[str, Metric]]:
    return [
        (f"{_label(metric.name)} ({SUBJECT_NAMES[metric.subject].lower()})", metric)
        for metric in metrics
        if not ("/" in metric.name and metric.name.partition("/")[0] in COMPARISONS)
    ]
