"""The cost of use in words, each number traceable."""

from __future__ import annotations

from dataclasses import replace

from stillroom.report import ReportContext, render
from stillroom.report.cost import cost_sentences
from stillroom.report.figures import Figures
from stillroom.types import Evidence
from stillroom.validate import exact, median
from stillroom.validate.efficiency.figures import between

FACTS = {
    "answer": "256 tokens read, 32 written",
    "energy": "the processor alone, estimated",
    "carbon_g_per_kwh": 480.0,
}


def told(evidence: Evidence, *, saved: bool = True) -> Evidence:
    metrics = [
        *(median("answer_joules", who, [value] * 6) for who, value in (("teacher", 9.0), ("bundle", 2.0))),  # type: ignore[arg-type]
        median("answer_co2_mg", "bundle", [0.27] * 6),
        exact("making_joules", "student", 50_000),
        *([between("break_even_answers", "bundle", 7143.0, (6900.0, 7300.0), 5)] if saved else []),
    ]
    return replace(evidence, metrics=(*evidence.metrics, *metrics), facts={**(evidence.facts or {}), **FACTS})


def test_says_what_an_answer_takes_and_that_it_is_estimated(evidence: Evidence) -> None:
    text = " ".join(sentence.striptags() for sentence in cost_sentences(Figures(told(evidence))))
    assert "An answer (256 tokens read, 32 written) of the bundle takes 2.00 J" in text
    assert "the processor alone, estimated" in text
    assert "saved after 7,143 answers of the bundle" in text


def test_no_saving_no_break_even(evidence: Evidence) -> None:
    text = " ".join(sentence.striptags() for sentence in cost_sentences(Figures(told(evidence, saved=False))))
    assert "is not demonstrated, so there is no break-even" in text


def test_stands_on_the_page(evidence: Evidence, context: ReportContext) -> None:
    assert 'data-metric="break_even_answers" data-subject="bundle"' in render(told(evidence), context).html


def test_nothing_is_said_of_what_was_not_measured(evidence: Evidence) -> None:
    assert cost_sentences(Figures(evidence)) == []
