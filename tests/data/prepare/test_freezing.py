"""Rows become examples, and what is no corpus is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from prepared import raw
from stillroom.data.loading import checked
from stillroom.data.prepare.freezing import example_of, freeze
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.shards import Shard, write_table
from stillroom.data.store import load_saved, writing
from stillroom.types import Corpus, DataError


def rows(count: int = 9, **columns: Any) -> list[dict[str, Any]]:
    splits = ("train", "validation", "test")
    return [{**raw(f"a/{n}"), "source": "a", "split": splits[n % 3], **columns} for n in range(count)]


def frozen(folder: Path, *parts: list[dict[str, Any]]) -> Corpus:
    shards = [Shard(folder / "rows", f"000-{n:06d}") for n in range(len(parts))]
    for shard, part in zip(shards, parts, strict=True):
        write_table(table(part), shard.rows)
    (folder / "corpus").mkdir()
    with writing(folder / "corpus", "made") as writer:
        list(freeze(shards, writer))
        writer.finish((), {})
    return load_saved(folder / "corpus")


def test_rows_become_the_examples_of_their_split(tmp_path: Path) -> None:
    corpus = checked(frozen(tmp_path, rows(9)[:4], rows(9)[4:]))
    assert [row.id for row in corpus.splits["train"]] == ["a/0", "a/3", "a/6"]
    assert len({row.group for rows in corpus.splits.values() for row in rows}) == 9


def test_a_row_without_a_split_is_learned_from(tmp_path: Path) -> None:
    corpus = frozen(tmp_path, [*rows(), *[{**raw("a/99"), "source": "a"}]])
    assert "a/99" in [row.id for row in corpus.splits["train"]]


def test_what_belongs_together_has_one_group(tmp_path: Path) -> None:
    grouped = [row | {"patient": str(n // 3 % 2 + 10 * (n % 3))} for n, row in enumerate(rows(18))]
    corpus = frozen(tmp_path, grouped[:7], grouped[7:])
    assert [len({row.group for row in some}) for some in corpus.splits.values()] == [2, 2, 2]


def test_an_example_shows_context_question_and_options() -> None:
    (row,) = table([raw("a/1", context="A note.", options=["It is a/1.", "no"], specialty="eye")]).to_pylist()
    example = example_of(row, "g")
    assert example.prompt == "A note.\n\nWhat is a/1?\n- It is a/1.\n- no"
    assert (example.specialty, example.difficulty, example.answer) == ("eye", "intermediate", 0)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([row for row in rows() if row["split"] != "test"], "no test rows"),
        ([row for row in rows() if row["split"] != "validation"], "no validation rows"),
        ([*rows(), rows()[0]], "'a/0' comes twice"),
        (rows(document="same"), "1 groups of patients, documents or concepts are in two splits"),
    ],
)
def test_what_is_no_corpus_is_refused(tmp_path: Path, made: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(DataError, match=said):
        frozen(tmp_path, made)
