"""Scales and ticks put numbers where they belong."""

from __future__ import annotations

import pytest

from stillroom.report.svg import COLOURS, Scale, marker, scale_for, tag, text, tick_label
from stillroom.types import SUBJECTS


@pytest.mark.parametrize("log", [False, True])
def test_values_lie_inside_their_scale(log: bool) -> None:
    scale = scale_for([3.0, 70.0, 12.0], 100, 200, log=log)
    assert 100 < scale(3.0) < scale(12.0) < scale(70.0) < 200


def test_one_value_alone_has_a_scale() -> None:
    assert 0 < scale_for([5.0], 0, 10)(5.0) < 10
    assert 0 < scale_for([0.0], 0, 10)(0.0) < 10


@pytest.mark.parametrize(
    ("low", "high", "log"),
    [(0.0, 1.0, False), (-3.0, 8.0, False), (0.02, 0.19, False), (7.0, 3e6, True), (1.9, 15, True)],
)
def test_ticks_are_few_and_inside(low: float, high: float, log: bool) -> None:
    ticks = Scale(low, high, 0, 1, log=log).ticks(4)
    assert 2 <= len(ticks) <= 7
    assert all(low <= tick <= high for tick in ticks)
    assert ticks == sorted(ticks)


def test_content_and_attributes_are_escaped() -> None:
    assert tag("text", "<b>", data_metric='"x"') == '<text data-metric="&#34;x&#34;">&lt;b&gt;</text>'
    assert text(1, 2, "a & b").endswith(">a &amp; b</text>")


def test_subjects_differ_in_shape_and_colour() -> None:
    assert (
        len(set(COLOURS.values()))
        == len({str(marker(subject, 0, 0)) for subject in SUBJECTS})
        == len(SUBJECTS)
    )


@pytest.mark.parametrize(
    ("value", "label"), [(0.0, "0"), (1.0, "1"), (0.05, "0.05"), (1e6, "1 million"), (200.0, "200")]
)
def test_tick_labels_are_short(value: float, label: str) -> None:
    assert tick_label(value) == label
