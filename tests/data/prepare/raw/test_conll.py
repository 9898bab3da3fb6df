"""Tagged tokens become sentences, texts and mentions."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared_data import shared_data
from stillroom.data.prepare.raw.conll import mentions, sentences
from stillroom.data.prepare.raw.record import Record, UnfitError


def test_sentences_end_at_blank_lines_and_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("No\tO\nataxia\tB-Disease\n\n\nFine\tO")
    assert [row.data for row in sentences(file) if isinstance(row, Record)] == [
        {"tokens": ["No", "ataxia"], "tags": ["O", "B-Disease"]},
        {"tokens": ["Fine"], "tags": ["O"]},
    ]


@pytest.mark.parametrize("line", ["No", "No\tX-Disease", "\tO", "No\tO\tO", "No\tB-"])
def test_a_broken_line_takes_its_sentence_and_no_other(tmp_path: Path, line: str) -> None:
    file = tmp_path / "a.tsv"
    file.write_text(f"{line}\nataxia\tB-Disease\n\nFine\tO\n")
    broken, sound = list(sentences(file))
    assert not isinstance(broken, Record)
    assert broken.where == "a.tsv:1"
    assert isinstance(sound, Record)
    assert sound.number == 2


def test_neighbouring_mentions_are_two() -> None:
    tags = ["B-Disease", "B-Disease", "I-Disease", "B-Chemical"]
    assert list(mentions(["flu", "colon", "cancer", "iron"], tags)) == [
        ("Disease", "flu"),
        ("Disease", "colon cancer"),
        ("Chemical", "iron"),
    ]


@pytest.mark.parametrize("tags", [["I-Disease"], ["B-Chemical", "I-Disease"]])
def test_a_mention_that_has_not_begun_is_unfit(tags: list[str]) -> None:
    with pytest.raises(UnfitError, match="has not begun"):
        list(mentions(["x"] * len(tags), tags))


def test_all_real_sentences_can_be_read() -> None:
    folder = shared_data("ner_ncbi_disease")
    files = sorted(folder.glob("*.conll*"))
    assert files
    for file in files:
        rows = list(sentences(file))
        assert all(isinstance(row, Record) for row in rows)
