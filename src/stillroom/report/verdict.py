"""The verdict in words: what the evidence shows, and what it does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from stillroom.report.figures import Figures
from stillroom.report.marks import interval, number
from stillroom.report.names import VERDICT_NAMES, metric_name
from stillroom.types import Metric, Verdict
from stillroom.validate import outcome

Standing = Literal["shown", "open", "against"]

STATEMENT = (
    "For research and for assistive use under a clinician. Never an autonomous diagnosis, never advice on a dose. "
    "Not a medical device."
)

NEVER_SHOWN = (
    "That it is safe or useful for patients: no patient, no clinician and no clinical outcome was part of this test.",
    "That it knows anything beyond the corpus: the test items come from the same sources as the training items.",
    "That another training run would give the same figures: the intervals cover the choice of test items, "
    "not of training seeds.",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, and whether the evidence shows it, leaves it open, or speaks against it."""

    standing: Standing
    text: Markup


def standing(metric: Metric) -> Standing:
    """Judge a difference by its interval: on the better side of zero, on the worse, or across.

    Of a figure of which neither more nor less is better, nothing is said: open.

    >>> standing(Metric("ece_minus_control", "test", "student", -0.1, -0.2, -0.01, 90, "", False))
    'shown'
    """
    if metric.higher_is_better is None:
        return "open"
    low = metric.value if metric.ci_low is None else metric.ci_low
    high = metric.value if metric.ci_high is None else metric.ci_high
    better = (low, high) if metric.higher_is_better else (-high, -low)
    if better[0] > 0:
        return "shown"
    return "against" if better[1] < 0 else "open"


def never_shown(figures: Figures) -> tuple[str, ...]:
    """What no evidence of this kind shows; of several trainings, intervals do cover their luck.

    >>> from stillroom.types import Evidence
    >>> one, two = (Figures(Evidence((), facts={"seeds": seeds})) for seeds in ("1", "1, 2"))
    >>> len(never_shown(one)), len(never_shown(two))
    (3, 2)
    """
    several = "," in str((figures.evidence.facts or {}).get("seeds", ""))
    return NEVER_SHOWN[:-1] if several else NEVER_SHOWN


def headline(figures: Figures) -> tuple[Standing, str]:
    """Sum the comparison with the control up in a sentence.

    A task that is no language model names its main figure in the fact ``primary``.
    """
    primary = (figures.evidence.facts or {}).get("primary")
    names = _COMPARED if primary is None else (f"{primary}_minus_control",)
    metrics = [figures.get(name, "student") for name in names]
    if not any(metrics):
        return (
            "open",
            "The student was not compared with a control, so nothing can be said about distillation.",
        )
    found = {standing(metric) if metric else "open" for metric in metrics}
    if found == {"shown"}:
        return "shown", "The student learned something from the teacher that the data alone did not teach it."
    if found == {"against"}:
        return (
            "against",
            "Distillation did harm here: the student is worse than the same model trained without it.",
        )
    return "open", "It is not demonstrated that distillation helped."


def claims(figures: Figures) -> list[Claim]:
    """List what was put to the test, each with its standing and the figures behind it."""
    return [
        *_compared_with_control(figures),
        *_compared_with_guessing(figures),
        *_compared_as_exported(figures),
    ]


def gates_in_words(figures: Figures) -> str:
    """Count the gates by verdict.

    >>> from stillroom.types import Evidence
    >>> gates_in_words(Figures(Evidence(metrics=())))
    'No gates were set.'
    """
    gates = figures.evidence.gates
    if not gates:
        return "No gates were set."
    counts = Counter(gate.verdict for gate in gates)
    told = ", ".join(
        f"{counts[verdict]} {name}" for verdict, name in VERDICT_NAMES.items() if counts[verdict]
    )
    return f"Gates: {told}."


def worst_gate(figures: Figures) -> Verdict | None:
    """Name the verdict that decides: any failure, else any that is infeasible or not demonstrated."""
    return outcome(figures.evidence.gates)


_COMPARED = ("log_perplexity_minus_control", "kl_to_teacher_minus_control")

_QUESTIONS: Mapping[str, tuple[str, Mapping[Standing, str]]] = {
    "log_perplexity_minus_control": (
        "perplexity",
        {
            "shown": "Distillation makes the reference answers more likely.",
            "open": "Whether distillation makes the reference answers more likely is open.",
            "against": "Distillation makes the reference answers less likely.",
        },
    ),
    "kl_to_teacher_minus_control": (
        "kl_to_teacher",
        {
            "shown": "The student behaves more like its teacher than the control does.",
            "open": "Whether the student behaves more like its teacher than the control does is open.",
            "against": "The student behaves less like its teacher than the control does.",
        },
    ),
    "choice_accuracy_minus_control": (
        "choice_accuracy",
        {
            "shown": "Distillation improves multiple choice.",
            "open": "Whether distillation improves multiple choice is open.",
            "against": "Distillation worsens multiple choice.",
        },
    ),
}

_GUESSING: Mapping[Standing, str] = {
    "shown": "The student answers multiple choice better than guessing.",
    "open": "Whether the student answers multiple choice better than guessing is open.",
    "against": "The student answers multiple choice worse than guessing.",
}


def _compared_with_control(figures: Figures) -> Iterator[Claim]:
    for name, (shown_as, answers) in _QUESTIONS.items():
        difference = figures.get(name, "student")
        student, control = figures.get(shown_as, "student"), figures.get(shown_as, "control")
        if difference and student and control:
            verdict = standing(difference)
            yield Claim(
                verdict,
                Markup(
                    "<b>{}</b> {} of the student {}, of the control {}; paired difference{} {} ({}).{}"
                ).format(
                    answers[verdict],
                    metric_name(shown_as),
                    number(student),
                    number(control),
                    " in log-perplexity" if shown_as == "perplexity" else "",
                    number(difference),
                    interval(difference),
                    _gap(figures) if shown_as == "perplexity" else "",
                ),
            )


def _gap(figures: Figures) -> Markup:
    share = figures.get("control_gap_closed_log_perplexity", "student")
    if share is None:
        return Markup("")
    text = Markup(
        " The student closes {} ({}) of the distance in log-perplexity between control and teacher."
    )
    return text.format(number(share), interval(share))


def _compared_with_guessing(figures: Figures) -> Iterator[Claim]:
    above, accuracy = figures.get("choice_above_chance", "student"), figures.get("choice_accuracy", "student")
    if above and accuracy:
        verdict = standing(above)
        text = Markup("<b>{}</b> {} ({}) of the items are right, {} ({}) above chance.")
        yield Claim(
            verdict,
            text.format(
                _GUESSING[verdict], number(accuracy), interval(accuracy), number(above), interval(above)
            ),
        )


def _compared_as_exported(figures: Figures) -> Iterator[Claim]:
    agreement = figures.get("top1_agreement_with_student", "bundle")
    divergence = figures.get("kl_to_student", "bundle")
    if agreement and divergence:
        text = Markup(
            "<b>What was exported is what was measured.</b> In its final runtime the bundle ranks the same token "
            "first as the student on {} ({}) of the tokens; KL {}."
        )
        yield Claim("shown", text.format(number(agreement), interval(agreement), number(divergence)))
