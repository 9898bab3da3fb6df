"""What use costs, in words: energy, carbon, and after how many answers the distillation has paid for itself."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from stillroom.report.figures import Figures
from stillroom.report.marks import fact, interval, number
from stillroom.report.names import SUBJECT_NAMES
from stillroom.types import Subject

_PREFERRED: tuple[Subject, ...] = ("bundle", "student")


def cost_sentences(figures: Figures) -> list[Markup]:
    """Sentences whose every number is one of the evidence's; none where no energy was told."""
    subject = next((who for who in _PREFERRED if figures.get("answer_joules", who)), None)
    return list(_sentences(figures, subject)) if subject else []


def _sentences(figures: Figures, subject: Subject) -> Iterator[Markup]:
    facts = figures.evidence.facts or {}
    ours, teacher = figures.get("answer_joules", subject), figures.get("answer_joules", "teacher")
    carbon, name = figures.get("answer_co2_mg", subject), SUBJECT_NAMES[subject].lower()
    if ours and teacher and carbon:
        text = Markup(
            "An answer ({}) of the {} takes {} ({}), of the teacher {} ({}): {} of carbon dioxide at {} g/kWh ({})."
        )
        yield text.format(
            facts.get("answer", ""),
            name,
            number(ours),
            interval(ours),
            number(teacher),
            interval(teacher),
            number(carbon),
            fact("carbon_g_per_kwh", facts.get("carbon_g_per_kwh", "")),
            facts.get("carbon_source", ""),
        )
    yield Markup("Energy: {}; of making, {}.").format(
        facts.get("energy", ""), facts.get("energy_of_making", "")
    )
    made, even = figures.get("making_joules", "student"), figures.get("break_even_answers", subject)
    if made and even:
        text = Markup(
            "Distilling took {}. It is saved after {} answers of the {} in place of the teacher's ({})."
        )
        yield text.format(number(made), number(even), name, interval(even))
    elif made:
        text = Markup(
            "Distilling took {}. That the {} saves energy is not demonstrated, so there is no break-even."
        )
        yield text.format(number(made), name)
