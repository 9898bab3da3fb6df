from __future__ import annotations

from pathlib import Path

from stillroom.recipes.search.result import ANYTHING, Search, Tried
from stillroom.report.search import render_search


def tried(number: int, *figures: float, reason: str = "") -> Tried:
    values = {"student.blocks": str(number)}
    return (
        Tried(number, values, *figures, parameters=100, reason=reason)
        if figures
        else Tried(number, values, reason=reason)
    )


FOUND = Search(
    "made",
    Path("runs/made.search"),
    ANYTHING,
    (
        tried(0, 0.5, 1.0, 9.0),
        tried(1, 0.4, 2.0, 9.0),
        tried(2, 0.6, 1.0, 9.0),
        tried(3, reason="2.5 ms, above 2 ms <&>"),
        tried(4, 0.7, 3.0, 8.0),
    ),
)


def test_the_front_is_what_none_is_better_than() -> None:
    # 2 loses to 0 in loss and gains nothing; 4 is slow and poor, but needs the least memory.
    assert [one.number for one in FOUND.front] == [1, 0, 4]


def test_the_page_shows_every_student_and_escapes_what_it_tells() -> None:
    page = render_search(FOUND.name, FOUND.to_dict()).html
    assert page.count("<circle") == 2 * 4
    assert page.count("none is better") == 3
    assert "above 2 ms &lt;&amp;&gt;" in page
    assert "<script" not in page


def test_a_search_in_which_nothing_was_trained_has_a_page_too() -> None:
    none = Search("made", Path(), ANYTHING, (tried(0, reason="over"),))
    assert "no student was trained" in render_search("made", none.to_dict()).html
