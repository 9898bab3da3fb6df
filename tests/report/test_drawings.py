"""What the drawings show, read from their marks and descriptions."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from stillroom.report import charts
from stillroom.report.figures import Figures
from stillroom.report.intervals import panels
from stillroom.report.names import MAIN, SUBJECT_NAMES
from stillroom.report.verdict import standing
from stillroom.types import SUBJECTS, Curve, Evidence, Metric


def test_the_retention_picture_has_a_panel_for_each_main_figure(evidence: Evidence) -> None:
    drawn = panels(Figures(evidence), MAIN)
    assert len(drawn) == len(MAIN)
    for subject in SUBJECTS:
        assert f'data-metric="perplexity" data-subject="{subject}"' in drawn[0]


def test_a_value_far_beyond_is_an_arrow_and_keeps_its_number(evidence: Evidence) -> None:
    perplexity = panels(Figures(evidence), ["perplexity"])[0]
    assert perplexity.count('class="beyond"') == 1
    assert ">2.81 million</tspan>" in perplexity
    assert 'class="beyond"' not in panels(Figures(evidence), ["choice_accuracy"])[0]


def test_chance_is_drawn_where_there_is_any(evidence: Evidence) -> None:
    choice, accuracy = panels(Figures(evidence), ["choice_accuracy", "token_accuracy"])
    assert ">chance</text>" in choice
    assert ">chance</text>" not in accuracy


def test_panels_of_what_was_not_measured_are_left_out() -> None:
    assert panels(Figures(Evidence(())), MAIN) == []


def test_reliability_has_a_diagram_for_each_subject(evidence: Evidence) -> None:
    drawn = charts.reliability(evidence)
    assert len(drawn) == len(SUBJECTS)
    assert "says 0.08, is right" in drawn[0]


def test_losses_are_grouped_by_kind(evidence: Evidence) -> None:
    drawn = charts.losses(evidence)
    assert [("Control" in chart, "Student" in chart) for chart in drawn] == [
        (True, True),
        (True, True),
        (False, True),
    ]


def test_a_flat_loss_can_be_drawn(evidence: Evidence) -> None:
    flat = replace(evidence.curves[-1], y=(0.0,) * len(evidence.curves[-1].x))
    assert len(charts.losses(Evidence((), curves=(flat,)))) == 1


def test_the_trade_off_leaves_the_untrained_student_out(evidence: Evidence) -> None:
    drawn = charts.trade_off(Figures(evidence), "bytes_on_disk")
    assert drawn is not None
    assert "better is up and left" in drawn
    assert "Untrained" not in drawn
    assert "better is up and right" in (charts.trade_off(Figures(evidence), "decode_tokens_per_second") or "")


def test_one_subject_alone_trades_nothing() -> None:
    assert charts.trade_off(Figures(Evidence(())), "bytes_on_disk") is None


@pytest.mark.parametrize(
    ("low", "high", "higher_is_better", "right", "colour"),
    [
        (0.1, 0.3, True, True, "shown"),
        (-0.3, -0.1, True, False, "against"),
        (-0.3, -0.1, False, True, "shown"),
        (0.1, 0.3, False, False, "against"),
    ],
)
def test_better_is_to_the_right(
    low: float, high: float, higher_is_better: bool, right: bool, colour: str
) -> None:
    metric = Metric(
        "ece_minus_control", "test", "student", (low + high) / 2, low, high, 90, "", higher_is_better
    )
    drawn = charts.difference_bar(metric)
    at = float(drawn.partition('cx="')[2].partition('"')[0])
    assert (at > 84) == right
    assert f'class="dot {colour}"' in drawn


def test_no_difference_lies_on_the_line() -> None:
    drawn = charts.difference_bar(Metric("ece_minus_control", "test", "bundle", 0.0, 0.0, 0.0, 90, "", False))
    assert 'cx="84"' in drawn


def test_a_legend_of_all_subjects_stays_within_its_drawing() -> None:
    curves = tuple(Curve("roc", subject, (0.0, 1.0), (0.0, 1.0), "x", "y") for subject in SUBJECTS)
    (drawn,) = charts.lines(Evidence((), curves=curves), ("roc",))
    names = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*class="note">(\w[^<]*)</text>', drawn)
    placed = {name: (float(x), float(y)) for x, y, name in names if name in SUBJECT_NAMES.values()}
    assert set(placed) == set(SUBJECT_NAMES.values())
    assert all(x + 6.6 * len(name) < 338 for name, (x, _) in placed.items())
    assert max(y for _, y in placed.values()) < min(
        float(y) for y in re.findall(r'y1="([\d.]+)"[^>]*class="grid"', drawn)
    )


def test_neither_more_nor_less_of_a_figure_without_direction_is_better() -> None:
    metric = Metric("confidence_minus_teacher", "test", "bundle", -0.1, -0.2, -0.05, 90, "probability", None)
    assert standing(metric) == "open"
