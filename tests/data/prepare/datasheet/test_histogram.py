"""The image is well formed, and its bars are to scale."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from stillroom.data.prepare.datasheet.histogram import histogram

SVG = "{http://www.w3.org/2000/svg}"


def heights(image: str) -> list[float]:
    return [
        float(bar.get("height", ""))
        for bar in ElementTree.fromstring(image).iter(f"{SVG}rect")
        if bar.get("class")
    ]


def test_bars_are_as_high_as_rows_are_many() -> None:
    first, second, third = heights(histogram({0: 10, 1: 5, 2: 20}, 64, "Lengths"))
    assert (first / third, second / third) == pytest.approx((0.5, 0.25), abs=0.01)


def test_the_last_bar_takes_what_is_longer() -> None:
    image = histogram({0: 1, 500: 2, 900: 3}, 64, "Lengths")
    assert len(heights(image)) == 24
    assert "1,472 tokens and more: 5 rows" in image


def test_an_empty_corpus_has_an_image_too() -> None:
    assert heights(histogram({}, 64, "Lengths")) == [0.0]


def test_a_title_cannot_break_it() -> None:
    assert "a &lt;b&gt; &amp; c" in histogram({0: 1}, 64, "a <b> & c")
