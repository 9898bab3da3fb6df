"""Sentences with tagged mentions: the names in them are the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapted import adapted
from shared_data import shared_data
from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.sources import bc5cdr, ncbi_disease

SENTENCES = "Gout\tB-Disease\nand\tO\ngout\tB-Disease\n.\tO\n\nNothing\tO\n.\tO\n"
MIXED = "Aspirin\tB-Chemical\nagainst\tO\ncolon\tB-Disease\ncancer\tI-Disease\n.\tO\n"


@pytest.mark.parametrize(
    ("adapter", "counts"),
    [(ncbi_disease.ADAPTER, (5424, 923, 940)), (bc5cdr.ADAPTER, (4560, 4581, 4797))],
    ids=["ncbi_disease", "bc5cdr"],
)
def test_the_real_files_have_the_published_counts(adapter: Adapter, counts: tuple[int, ...]) -> None:
    made = adapted(adapter, shared_data(adapter.folder))
    splits = made.by("split")
    assert tuple(splits[split,] for split in ("train", "validation", "test")) == counts
    assert made.by("split", "benchmark")["test", True] == counts[-1]
    assert not made.reasons


@pytest.mark.parametrize("adapter", [ncbi_disease.ADAPTER, bc5cdr.ADAPTER], ids=lambda adapter: adapter.name)
def test_every_real_name_stands_in_its_sentence_as_it_is_listed(adapter: Adapter) -> None:
    for row in adapted(adapter, shared_data(adapter.folder)).rows:
        names = (
            row["response"].split("; ") if adapter is ncbi_disease.ADAPTER else row["response"].split("\n")
        )
        for name in names:
            assert name == "none" or name.partition(": ")[2] in row["context"] or name in row["context"]


def test_a_name_is_listed_once_in_each_spelling_and_none_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "train.tsv").write_text(SENTENCES)
    made = adapted(ncbi_disease.ADAPTER, tmp_path)
    assert [row["response"] for row in made.rows] == ["Gout; gout", "none"]
    assert made["train-1"]["context"] == "Gout and gout."


def test_kinds_are_named_where_there_are_two(tmp_path: Path) -> None:
    (tmp_path / "devel.tsv").write_text(MIXED)
    (row,) = adapted(bc5cdr.ADAPTER, tmp_path).rows
    assert row["response"] == "chemical: Aspirin\ndisease: colon cancer"
    assert row["split"] == "validation"
