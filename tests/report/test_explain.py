"""Explanations as a reader sees them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from stillroom.report import ReportContext, render
from stillroom.report.explain import section
from stillroom.report.figures import Figures
from stillroom.types import Curve, Evidence, Metric, Subject
from stillroom.validate import spec


def metric(name: str, subject: Subject, value: float, half: float = 0.05) -> Metric:
    of = spec(name)
    return Metric(name, "test", subject, value, value - half, value + half, 60, of.unit, of.higher_is_better)


def measured() -> Iterator[Metric]:
    yield metric("insertion_above_random", "student", 0.2)
    yield metric("insertion_auc/grad_cam", "student", 0.7)
    yield metric("attribution_rank_agreement", "control", 0.5)
    yield metric("attribution_rank_agreement", "student", 0.52)
    yield metric("attribution_rank_agreement_minus_control", "student", 0.02)
    yield metric("fidelity", "student", 0.9)
    yield metric("fidelity/class:ill", "student", 0.7)
    yield metric("fidelity/class:well", "student", 0.95)


@pytest.fixture
def explained(evidence: Evidence) -> Evidence:
    curve = Curve("insertion", "student", (0.0, 1.0), (0.2, 0.9), "share of the inputs", "probability")
    return replace(evidence, metrics=(*evidence.metrics, *measured()), curves=(*evidence.curves, curve))


def test_says_plainly_what_is_shown_and_what_is_not(explained: Evidence) -> None:
    found = section(Figures(explained))
    assert found is not None
    faithful, agreeing, followed = map(str, found.sentences)
    assert "name what its answers rest on, better than chance" in faithful
    assert "more than the control does is not shown" in agreeing
    assert "where the teacher says “ill”" in followed


def test_the_table_holds_every_figure_and_method(explained: Evidence) -> None:
    found = section(Figures(explained))
    assert found is not None
    assert [head for head, _ in found.rows] == [
        "Area of insertion, grad cam",
        "Insertion, over orders by chance",
        "Ranks inputs as the teacher",
        "Decides as the teacher",
        "Decides as the teacher, class ill",
        "Decides as the teacher, class well",
        "Ranks inputs as the teacher, over the control",
    ]
    assert len(found.drawings) == 1


def test_stands_on_the_page_where_it_was_measured(
    explained: Evidence, evidence: Evidence, context: ReportContext
) -> None:
    page = render(explained, context).html
    assert 'id="explanations"' in page
    assert "losses-insertion" in page
    assert 'id="explanations"' not in render(evidence, context).html
