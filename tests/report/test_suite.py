from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from stillroom.report.suite import answer, rank_drawing, render_suite, sizes
from stillroom.validate.suite.ranking import rank_tables
from stillroom.validate.suite.results import SuiteResult
from suite_results import made_result

_VOID = {"meta", "br", "hr", "img", "link", "input"}


@pytest.fixture(scope="module")
def result() -> SuiteResult:
    return made_result()


class _Balanced(HTMLParser):
    """Refuses a page whose elements are not closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_asks_for_nothing_from_elsewhere(result: SuiteResult) -> None:
    page = render_suite(result)
    parser = _Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    assert "src=" not in page
    assert "http://" not in page
    assert "https://" not in page


def test_every_cell_is_told_with_figure_or_reason(result: SuiteResult) -> None:
    page = render_suite(result)
    assert "0.850 (0.840 to 0.860)" in page
    assert "+0.050 (+0.020 to +0.080)" in page
    assert "not applicable: the teacher shows no stage" in page
    assert "Not measured: no folder e." in page
    assert "soft &lt;b&gt;" in page
    assert "soft <b>" not in page


def test_a_task_tells_its_sizes_and_what_an_answer_costs(result: SuiteResult) -> None:
    page = render_suite(result)
    assert "1,200 weights, bundle 0.0100 MB, teacher 2.00 MB" in page
    assert "0.100 ms (95 of 100 below 0.200), 10,000 a second, 0.300 mJ estimated" in page
    assert sizes(result.tasks[-1]) == answer(result.tasks[-1]) == ""


def test_the_drawing_is_xml_and_speaks_its_ranks(result: SuiteResult) -> None:
    table = rank_tables(result)[1]
    drawing = str(rank_drawing("r", table, {name: name for name in table.methods}))
    assert ElementTree.fromstring(drawing).tag == "svg"
    assert "soft 1.33; dist 2.33; hint 2.67; control 3.67; critical difference 2.71" in drawing
