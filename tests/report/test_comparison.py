"""The page of two runs says first which is better, as far as the evidence bears it, and shows both."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from report.test_page import Page
from stillroom.report import StageFacts
from stillroom.report.comparison import ComparedRun, contents, document
from stillroom.report.format import bare, show
from stillroom.report.page import render_comparison
from stillroom.types import Evidence, Metric
from stillroom.validate.between import Comparison, Side, compare

ITEMS = {"items_sha256": "i", "tokens_sha256": "t"}


def run(title: str, evidence: Evidence, shift: float = 0.0, **facts: str) -> ComparedRun:
    """A run whose figures are moved by a share of themselves."""
    moved = [
        replace(
            m,
            **{end: old * (1 + shift) for end in ("value", "ci_low", "ci_high") if (old := getattr(m, end))},
        )
        for m in evidence.metrics
    ]
    told = replace(evidence, metrics=tuple(moved), facts={**(evidence.facts or {}), **ITEMS, **facts})
    return ComparedRun(
        title,
        Side(told, {}, {"cpu": "an abacus", "cores": 2}),
        recipe={"name": title, "train.steps": str(100 + 100 * bool(shift)), "seed": "1"},
        recipe_fingerprint=title[0] * 64,
        seconds=80.0,
        peak_memory_bytes=2**30,
        stages=(StageFacts("teach", 30.0, 2**30, "f"), StageFacts(f"student {title}", 50.0, 2**29, "g")),
    )


@pytest.fixture(scope="module")
def pair(evidence: Evidence) -> tuple[ComparedRun, ComparedRun, Comparison]:
    first, second = run("slow", evidence), run("quick", evidence, 0.2)
    return first, second, compare(first.side, second.side)


@pytest.fixture(scope="module")
def page(pair: tuple[ComparedRun, ComparedRun, Comparison]) -> Page:
    return Page(render_comparison(*pair).html)


def test_the_verdict_comes_first_and_names_the_figure(page: Page) -> None:
    texts = [text for _, text in page.texts]
    (title,) = [text for around, text in page.texts if around[-1][0] == "h1"]
    assert title == "quick is worse, by Log-perplexity."
    assert texts.index(title) < texts.index("Gates: 2 passed, 1 failed, 1 not demonstrated.")
    assert any("differences are unpaired" in text for text in texts)


def test_every_marked_number_is_one_of_its_run_or_of_the_differences(
    page: Page, pair: tuple[ComparedRun, ComparedRun, Comparison]
) -> None:
    first, second, comparison = pair
    known = {
        side: {(m.name, m.subject): m for m in metrics}
        for side, metrics in {
            "first": first.side.evidence.metrics,
            "second": second.side.evidence.metrics,
            "difference": [row.difference for row in comparison.shared if row.difference],
        }.items()
    }
    counted = dict.fromkeys(known, 0)
    for around, text in page.texts:
        runs = [attributes["data-run"] for _, attributes in around if "data-run" in attributes]
        if runs and "data-metric" in (mark := around[-1][1]):
            metric = known[str(runs[0])][mark["data-metric"], mark["data-subject"]]  # type: ignore[index]
            end = str(mark["data-end"])
            assert text == (show(metric) if end == "value" else bare(metric, end))  # type: ignore[arg-type]
            counted[str(runs[0])] += 1
    assert min(counted.values()) > 100


def test_recipes_show_the_lines_that_differ_and_no_others(page: Page) -> None:
    lines = {
        text
        for around, text in page.texts
        if around[-1][0] == "code" and any(attributes.get("id") == "recipes" for _, attributes in around)
    }
    assert lines == {"name", "slow", "quick", "train.steps", "100", "200"}


def test_stages_of_only_one_run_have_a_dash_in_the_other(page: Page) -> None:
    cells = [
        text
        for around, text in page.texts
        if any(attributes.get("id") == "costs" for _, attributes in around) and around[-1][0] == "td"
    ]
    assert cells.count("–") == 4


def test_figures_of_one_run_are_listed(evidence: Evidence) -> None:
    first = run(
        "one", Evidence((Metric("exact_match", "test", "bundle", 0.5, 0.4, 0.6, 9, "proportion", True),))
    )
    second = run("two", Evidence(()))
    told = contents(first, second, compare(first.side, second.side))
    assert told["headline"] == "The quality of these runs' answers cannot be compared."
    assert [[head for head, _ in metrics] for _, metrics in told["alone"]] == [["Exact match (bundle)"], []]


def test_other_items_are_shown_and_not_compared(evidence: Evidence) -> None:
    first, second = run("one", evidence), run("two", evidence, 0.1, items_sha256="j")
    comparison = compare(first.side, second.side)
    told = contents(first, second, comparison)
    assert told["standing"] == "open"
    assert "cannot be compared" in told["headline"]
    html = render_comparison(first, second, comparison).html
    assert html.count("not compared") > 20
    assert "not measured on the same test items" in html


def test_the_page_asks_nobody_and_escapes(evidence: Evidence) -> None:
    first, second = run("<script>x</script>", evidence), run("two", evidence, 0.1)
    html = render_comparison(first, second, compare(first.side, second.side)).html
    assert "<script" not in html
    assert not re.search(r"url\(|@import|https?:", html)


def test_the_data_of_the_page_hold_every_difference(
    pair: tuple[ComparedRun, ComparedRun, Comparison],
) -> None:
    told = document(*pair)
    assert len(told["shared"]) == len(pair[2].shared)
    assert ["train.steps", "100", "200"] in told["recipe"]
