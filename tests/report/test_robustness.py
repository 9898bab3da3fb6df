"""Changed prompts as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from stillroom.report import ReportContext, render
from stillroom.report.figures import Figures
from stillroom.report.robustness import hardness, hardness_picture, hardness_sentence, noticed
from stillroom.types import Evidence, Metric, Subject
from stillroom.validate import spec


def metric(name: str, subject: Subject, value: float, half: float = 0.05) -> Metric:
    of = spec(name)
    return Metric(name, "test", subject, value, value - half, value + half, 60, of.unit, of.higher_is_better)


def measured() -> Iterator[Metric]:
    yield metric("degradation_log_perplexity/typos", "teacher", 0.2)
    yield metric("degradation_log_perplexity/typos", "bundle", 0.5)
    yield metric("extra_degradation_log_perplexity/typos", "bundle", 0.3)
    yield metric("degradation_log_perplexity/case", "bundle", 0.01)
    yield metric("meaning_sensitivity/negation", "teacher", 0.4)
    yield metric("attack_success", "bundle", 0.7)


@pytest.fixture
def shaken(evidence: Evidence) -> Evidence:
    return replace(evidence, metrics=(*evidence.metrics, *measured()))


def test_says_what_hurts_and_what_hurts_more_than_the_teacher(shaken: Evidence) -> None:
    (found,) = hardness(Figures(shaken))
    assert hardness_sentence(found) == (
        "Worse than on the same prompts unchanged, beyond the interval: typing errors. "
        "Worse than that for the teacher: typing errors."
    )


def test_the_picture_is_told_in_words(shaken: Evidence) -> None:
    assert "typing errors: teacher 0.200, bundle 0.500; capital letters: bundle 0.010" in hardness_picture(
        hardness(Figures(shaken))[0]
    )


def test_what_should_be_noticed_has_a_row_for_each_change(shaken: Evidence) -> None:
    heads = [head for head, _ in noticed(Figures(shaken))]
    assert heads == [
        "The old answer becomes less likely by: a finding denied or stated",
        "Right before such an attack, wrong after it",
    ]


def test_stands_on_the_page_where_it_was_measured(
    shaken: Evidence, evidence: Evidence, context: ReportContext
) -> None:
    assert 'id="robustness"' in render(shaken, context).html
    assert 'id="robustness"' not in render(evidence, context).html
