"""The page holds the evidence, all of it and nothing else, and needs nothing but itself."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from stillroom.report import ReportContext, render
from stillroom.report.format import bare, show
from stillroom.report.marks import SMALL_N
from stillroom.report.verdict import STATEMENT
from stillroom.types import Evidence, Metric, MissingExtraError

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "br", "link", "img"}


class Page(HTMLParser):
    """Every element with its attributes, and the text with the elements around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[tuple[tuple[str, dict[str, str | None]], ...], str]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((tuple(self._open), data.strip()))

    def marked(self, attribute: str) -> Iterator[tuple[dict[str, str | None], str]]:
        return ((around[-1][1], text) for around, text in self.texts if attribute in around[-1][1])


@pytest.fixture(scope="module")
def html(evidence: Evidence, context: ReportContext) -> str:
    return render(evidence, context).html


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def metrics_by_key(evidence: Evidence) -> dict[tuple[str, str], Metric]:
    return {(metric.name, metric.subject): metric for metric in evidence.metrics}


class TestNumbers:
    def test_every_marked_number_is_a_number_of_the_evidence(self, page: Page, evidence: Evidence) -> None:
        known = metrics_by_key(evidence)
        marked = list(page.marked("data-metric"))
        assert len(marked) > 500
        for attributes, text in marked:
            metric = known[str(attributes["data-metric"]), str(attributes["data-subject"])]
            end = attributes["data-end"]
            if end == "n":
                assert text == f"{metric.n:,}"
            elif end == "value":
                assert text == show(metric)
            else:
                assert text == bare(metric, "low" if end == "low" else "high")

    def test_no_table_of_figures_holds_an_unmarked_number(self, page: Page) -> None:
        for section in ("retention", "figures", "differences", "gates", "parts"):
            for around, text in page.texts:
                inside = any(attributes.get("id") == section for _, attributes in around)
                tags = [tag for tag, _ in around]
                if inside and "td" in tags and "title" not in tags and "code" not in tags:
                    is_marked = "data-metric" in around[-1][1] or "data-gate" in around[-1][1]
                    assert is_marked or not re.search(r"\d", text), text

    def test_every_overall_figure_of_every_subject_is_shown(self, page: Page, evidence: Evidence) -> None:
        shown = {
            (attributes["data-metric"], attributes["data-subject"])
            for attributes, _ in page.marked("data-metric")
        }
        assert {key for key in metrics_by_key(evidence) if "/" not in key[0]} <= shown

    def test_gates_show_threshold_value_and_worse_end(self, page: Page, evidence: Evidence) -> None:
        found = Counter(attributes["data-gate"] for attributes, _ in page.marked("data-gate"))
        assert found == {gate.name: 3 for gate in evidence.gates}

    def test_facts_are_shown_by_their_name(self, page: Page, evidence: Evidence) -> None:
        shown = {attributes["data-fact"] for attributes, _ in page.marked("data-fact")}
        assert set(evidence.facts or {}) <= shown


class TestWords:
    def test_opens_with_the_statement_of_use(self, html: str) -> None:
        assert html.index(STATEMENT) < html.index("<h1>")

    def test_says_what_is_shown_and_what_is_not(self, page: Page) -> None:
        text = " ".join(text for _, text in page.texts)
        assert "The student learned something from the teacher" in text
        assert "Distillation makes the reference answers more likely." in text
        assert "Whether distillation improves multiple choice is open." in text
        assert "no patient, no clinician and no clinical outcome" in text

    def test_gates_are_told_in_words(self, page: Page) -> None:
        assert "Gates: 2 passed, 1 failed, 1 not demonstrated." in [text for _, text in page.texts]

    def test_few_units_are_marked_and_kept(self, page: Page, evidence: Evidence) -> None:
        marks = [text for around, text in page.texts if text == "†" and around[-1][0] == "abbr"]
        few = [metric for metric in evidence.metrics if metric.split and metric.n < SMALL_N]
        assert (
            len(marks) == len([m for m in few if m.name.startswith(("perplexity/", "choice_accuracy/"))]) > 0
        )

    def test_limits_licences_hashes_and_recipe_are_there(self, html: str, context: ReportContext) -> None:
        for limit in context.limits:
            assert limit in html
        for text in ("Apache-2.0", "HPO licence", context.recipe_fingerprint, context.corpus["fingerprint"]):
            assert text in html
        assert all(stage.fingerprint in html for stage in context.stages)
        assert "objective:\n  alpha: 1.0" in html


class TestOneFile:
    def test_asks_nobody_for_anything(self, page: Page, html: str) -> None:
        assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in page.elements}
        assert not {name for _, attributes in page.elements for name in attributes} & {
            "src",
            "srcset",
            "action",
        }
        assert not re.search(r"url\(|@import|javascript:", html)
        for tag, attributes in page.elements:
            assert "href" not in attributes or tag == "a"

    def test_a_policy_forbids_requests(self, page: Page) -> None:
        policies = [
            attributes for tag, attributes in page.elements if "http-equiv" in attributes and tag == "meta"
        ]
        assert str(policies[0]["content"]).startswith("default-src 'none'; style-src 'unsafe-inline'")

    def test_text_from_elsewhere_is_escaped(self, evidence: Evidence, context: ReportContext) -> None:
        evil = "<script>alert(1)</script>"
        html = render(evidence, replace(context, title=evil, limits=(evil,), recipe_yaml=evil)).html
        assert "<script" not in html
        assert html.count("&lt;script&gt;") >= 3

    def test_names_of_parts_are_escaped(self, context: ReportContext) -> None:
        evil = Metric('perplexity/"><i>x', "test", "student", 2.0, 1.0, 3.0, 90, "", False)
        assert "<i>" not in render(Evidence((evil,)), context).html

    def test_equal_evidence_gives_an_equal_page(
        self, html: str, evidence: Evidence, context: ReportContext
    ) -> None:
        assert render(evidence, context).html == html

    def test_is_saved_whole_and_private(
        self, evidence: Evidence, context: ReportContext, tmp_path: Path
    ) -> None:
        path = render(evidence, context).save(tmp_path / "report.html")
        assert path.read_text(encoding="utf-8").endswith("</html>\n")
        assert path.stat().st_mode & 0o777 == 0o600
        assert [file.name for file in tmp_path.iterdir()] == ["report.html"]

    @pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
    def test_opens_offline_in_chromium(
        self, evidence: Evidence, context: ReportContext, tmp_path: Path
    ) -> None:
        path = render(evidence, context).save(tmp_path / "report.html")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
        ]
        seen = subprocess.run(
            [
                str(CHROMIUM),
                *flags,
                f"--user-data-dir={tmp_path / 'profile'}",
                "--enable-logging=stderr",
                "--dump-dom",
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=240,
        )
        assert "The student learned something" in seen.stdout
        assert "Content Security Policy" not in seen.stderr


class TestAccess:
    def test_drawings_have_title_and_description(self, html: str) -> None:
        drawings = re.findall(r"<svg.*?</svg>", html, flags=re.S)
        assert len(drawings) > 20
        for drawing in drawings:
            assert re.search(r'role="img"', drawing)
            assert re.search(r"<title[^>]*>[^<]+</title><desc[^>]*>[^<]+</desc>", drawing)

    def test_identifiers_are_unique_and_references_lead_to_them(self, page: Page) -> None:
        ids = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]
        assert [name for name, count in Counter(ids).items() if count > 1] == []
        assert all(not re.search(r"\s", name) for name in ids)
        for _, attributes in page.elements:
            for name in str(attributes.get("aria-labelledby") or "").split():
                assert name in ids
            if str(attributes.get("href") or "").startswith("#"):
                assert str(attributes["href"])[1:] in ids

    def test_table_heads_have_a_scope(self, page: Page) -> None:
        assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")

    def test_the_language_is_named(self, page: Page) -> None:
        assert ("html", {"lang": "en"}) in page.elements


def test_little_evidence_makes_a_page_too(context: ReportContext) -> None:
    only = Metric("perplexity", "test", "student", 25.0, 24.0, 26.0, 400, "", False)
    html = render(Evidence((only,)), replace(context, stages=(), machine={}, software={})).html
    assert "was not compared with a control" in html
    assert "No gates were set." in html


def test_no_evidence_makes_a_page_too(context: ReportContext) -> None:
    assert render(Evidence(()), context).html.endswith("</html>\n")


def test_without_the_template_engine_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, evidence: Evidence, context: ReportContext
) -> None:
    monkeypatch.setitem(sys.modules, "stillroom.report.assembly", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'stillroom\[report\]'"):
        render(evidence, context)
