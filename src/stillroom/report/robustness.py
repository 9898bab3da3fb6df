"""Changed prompts for a reader: what each change does, whether more than to the teacher, and whether it is noticed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from stillroom.report.dots import dots
from stillroom.report.figures import Figures
from stillroom.report.names import metric_name
from stillroom.report.verdict import standing
from stillroom.types import Metric, Subject
from stillroom.validate.axes import FAIR

_PREFERRED: tuple[Subject, ...] = ("bundle", "student")
_NAMES = {
    "typos": "typing errors",
    "abbreviations": "abbreviations",
    "case": "capital letters",
    "missing": "a part missing",
    "negation": "a finding denied or stated",
    "numbers": "a decimal point misplaced",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A change of prompts and what it does to one figure; ``extra`` is beyond what it does to the teacher."""

    name: str
    degradation: Metric
    teacher: Metric | None
    extra: Metric | None


@dataclass(frozen=True, slots=True)
class Hardness:
    """What all changes do to one figure of one subject."""

    figure: str
    subject: Subject
    changes: tuple[Change, ...]


def hardness(figures: Figures) -> list[Hardness]:
    """Every figure that was measured on changed prompts."""
    subject = _subject(figures, "degradation_log_perplexity")
    found = []
    for name in FAIR:
        changes = tuple(
            Change(
                _NAMES.get(part, part),
                metric,
                figures.get(f"degradation_{name}/{part}", "teacher"),
                figures.get(f"extra_degradation_{name}/{part}", subject),
            )
            for part, metric in figures.under(f"degradation_{name}", subject).items()
        )
        if changes:
            found.append(Hardness(name, subject, changes))
    return found


def hardness_sentence(found: Hardness) -> str:
    """Say which changes hurt, and which hurt more than they hurt the teacher."""
    hurt = [change.name for change in found.changes if standing(change.degradation) == "against"]
    more = [change.name for change in found.changes if change.extra and standing(change.extra) == "against"]
    told = f"Worse than on the same prompts unchanged, beyond the interval: {_listed(hurt)}."
    compared = any(change.extra for change in found.changes)
    return f"{told} Worse than that for the teacher: {_listed(more)}." if compared else told


def hardness_picture(found: Hardness) -> Markup:
    """Draw the degradation under each change, the teacher's above it."""
    rows = [(c.name, [m for m in (c.teacher, c.degradation) if m]) for c in found.changes]
    title = f"{metric_name(found.figure)}: how much worse than unchanged"
    return dots(f"robustness-{found.figure}", title, rows, ("better", "worse"))


def noticed(figures: Figures) -> list[tuple[str, list[Metric | None]]]:
    """What is said of confidence, of choices and of turned meanings: head, then teacher, control, student, bundle."""
    heads = {
        "choice_changed": "Answers otherwise, though asked the same",
        "confidence_drop": "Less sure by",
        "unnoticed_errors": "Accuracy falls more than confidence by",
        "meaning_sensitivity": "The old answer becomes less likely by",
        "meaning_choice_changed": "Answers otherwise, as it should",
    }
    subjects: tuple[Subject, ...] = ("teacher", "control", "student", "bundle")
    rows = []
    for name, head in heads.items():
        parts = dict.fromkeys(part for who in subjects for part in figures.under(name, who))
        rows += [
            (f"{head}: {_NAMES.get(part, part)}", figures.row(f"{name}/{part}", subjects)) for part in parts
        ]
    attacks = {
        "attacked_choice_accuracy": "Right whatever few words are misspelt",
        "attack_success": "Right before such an attack, wrong after it",
    }
    rows += [
        (head, figures.row(name, subjects))
        for name, head in attacks.items()
        if any(figures.row(name, subjects))
    ]
    return rows


def _subject(figures: Figures, name: str) -> Subject:
    return next((who for who in _PREFERRED if figures.under(name, who)), "bundle")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none"
