from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from stillroom.data.prepare.tidy import UNTIDY, tidy


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CafÃ© au lait spots", "Café au lait spots"),
        ("\x93quoted\x94 in Windows\x92 code page", '"quoted" in Windows\' code page'),
        ("Good line é.\nBad lineÃ©.", "Good line é.\nBad lineé."),
        ("Me\u0301nie\u0300re", "Ménière"),
        ("Crohn\u2019s \u201cflare\u201d", 'Crohn\'s "flare"'),
        ("\ufb01brosis", "fibrosis"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("\u202eright-to-left\u202c \u200fmark", "right-to-left mark"),
        ("nul\x00 bell\x07 del\x7f", "nul bell del"),
        ("a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
        ("a\u00a0\u2003 \tb  \n   c \n\n\n\n d ", "a b\nc\n\nd"),
        ("<div><p>One<br/>two</p><p>three</p></div>", "One\ntwo\n\nthree"),
        ("<ul><li>aspirin<li class=x>statin</ul>", "- aspirin\n- statin"),
        ("<table><tr><td>Na</td><td>140</td></tr></table>", "Na 140"),
        ("10<sup>6</sup>/l, H<sub>2</sub>O", "10^6/l, H2O"),
        ("<script>alert('x')</script>Fine<!-- hidden --> text<style>p {}</style>", "Fine text"),
        ("<<b>b>nested</<b>b>", "nested"),
        ("&lt;b&gt;twice escaped&lt;/b&gt; &amp;lt; 5", "twice escaped < 5"),
        ("caf&eacute; &#945; &#x3b2; &nbsp;x", "café α β x"),
    ],
)
def test_one_form(text: str, expected: str) -> None:
    assert tidy(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "p<0.05 and b>3, a <b and c> d",
        "BP <90/60; K+ >5.5; <5 mg/dl",
        "AT&T, R&D; drug A&B trial",
        "Temp 38.5 °C, 5 µg, α-fetoprotein, ≥ 3 × 10^9",
        "2 < 3 > 1 <not a tag> <x@y.org>",
        "Fullwidth ＜b＞ stays",
        "- item one\n- item two\n\nNext part.",
    ],
)
def test_what_only_looks_like_markup_is_left_alone(text: str) -> None:
    assert tidy(text) == text


_PIECES = st.sampled_from(
    [
        "<b>",
        "</b",
        "<",
        ">",
        "b",
        "&lt;",
        "&amp;",
        ";",
        "&",
        "lt",
        "Ã",
        "©",
        "\u200b",
        "\r",
        "\n",
        " ",
        "\u0301",
        "e",
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(), st.lists(_PIECES, max_size=12).map("".join)))
@example("&amp;amp;amp;amp;lt;b&gt;")
def test_twice_is_once(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]", once)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text("ab <>&;\n.\t"), st.lists(_PIECES, max_size=12).map("".join)))
def test_a_text_without_the_pattern_is_tidy(text: str) -> None:
    if not pc.match_substring_regex(pa.array([text]), UNTIDY)[0].as_py():
        assert tidy(text) == text


def test_a_row_of_ten_megabytes() -> None:
    prose = "The patient felt well. " * 44
    made = tidy(f"<p>{prose}\u200b Café.</p> " * 10_000)
    assert made == "\n\n".join([f"{prose}Café."] * 10_000)
