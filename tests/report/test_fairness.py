"""Subgroups as a reader sees them: who is worse off, whether the student widens it, and what chance would show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from stillroom.report import ReportContext, render
from stillroom.report.fairness import comparisons, picture, sentence
from stillroom.report.figures import Figures
from stillroom.types import Evidence, Metric, Subject
from stillroom.validate import spec

GAPS = {"eye": (0.02, 40), "ear": (-0.03, 55), "rare_disease": (0.4, 3), "heart": (0.3, 60)}


def metric(name: str, subject: Subject, value: float, half: float, n: int) -> Metric:
    of = spec(name)
    return Metric(name, "test", subject, value, value - half, value + half, n, of.unit, of.higher_is_better)


def fair(attribute: str = "specialty") -> Iterator[Metric]:
    for subject, factor in (("teacher", 0.5), ("bundle", 1.0)):
        for group, (gap, n) in GAPS.items():
            part = f"{attribute}:{group}"
            yield metric(f"subgroup_token_accuracy/{part}", subject, 0.6 - gap * factor, 0.1, n)  # type: ignore[arg-type]
            yield metric(f"subgroup_gap_token_accuracy/{part}", subject, gap * factor, 0.1, n)  # type: ignore[arg-type]
    for group, (gap, n) in GAPS.items():
        yield metric(f"amplification_token_accuracy/{attribute}:{group}", "bundle", gap / 2, 0.1, n)
    yield metric(f"worst_subgroup_token_accuracy/{attribute}", "bundle", 0.3, 0.1, 60)


@pytest.fixture
def unequal(evidence: Evidence) -> Evidence:
    facts = {
        **(evidence.facts or {}),
        "fairness_small_units": 30,
        "worst_subgroup_token_accuracy/specialty/bundle": "heart",
    }
    return replace(evidence, metrics=(*evidence.metrics, *fair()), facts=facts)


def test_each_subgroup_is_read_by_its_interval(unequal: Evidence) -> None:
    (found,) = comparisons(Figures(unequal))
    assert {group.name: group.standing for group in found.subgroups} == {
        "eye": "open",
        "ear": "open",
        "rare disease": "against",
        "heart": "against",
    }
    assert [group.name for group in found.subgroups if group.small] == ["rare disease"]


def test_the_sentence_counts_names_and_corrects_expectations(unequal: Evidence) -> None:
    told = sentence(comparisons(Figures(unequal))[0])
    assert told.startswith(
        "2 of 4 subgroups are worse off than all others, beyond their interval (rare disease, heart)."
    )
    assert "wider than the teacher's for 2 (rare disease, heart)" in told
    assert "about 0.1 of 4 intervals would lie above zero by chance" in told
    assert "1 are small" in told


def test_the_picture_says_in_words_what_it_shows(unequal: Evidence) -> None:
    drawn = picture(comparisons(Figures(unequal))[0])
    assert 'role="img"' in drawn
    assert "rare disease †: teacher +20.0 points, bundle +40.0 points" in drawn


def test_the_page_has_the_section_and_its_numbers_are_marked(
    unequal: Evidence, context: ReportContext
) -> None:
    html = render(unequal, context).html
    assert 'id="fairness"' in html
    assert 'href="#fairness"' in html
    assert "Worst off: heart" in html
    assert 'data-metric="amplification_token_accuracy/specialty:heart"' in html


def test_subgroups_are_no_kinds_of_task(unequal: Evidence) -> None:
    assert Figures(unequal).parts["kinds"] == ["definition", "synonym", "differential"]


def test_without_subgroups_there_is_no_section(evidence: Evidence, context: ReportContext) -> None:
    assert 'id="fairness"' not in render(evidence, context).html
