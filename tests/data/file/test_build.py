"""A corpus from a file of the user's own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from stillroom.data import FileSettings, load
from stillroom.data.file.build import shorten
from stillroom.data.loading import stamp
from stillroom.types import SPLITS, Corpus, DataError

ABOUT = {"name": "made", "version": "1", "licence": "CC0-1.0", "url": "", "citation": ""}
COLUMNS = {"id": "number", "prompt": "question", "response": "answer", "group": "topic"}


def lines(count: int = 60) -> list[dict[str, Any]]:
    return [
        {
            "number": n,
            "question": f"What is item {n}?",
            "answer": f"It is {n}. Nothing else.",
            "topic": f"t{n // 2}",
        }
        for n in range(count)
    ]


def settings(path: Path, **changes: Any) -> FileSettings:
    return FileSettings.model_validate(
        {
            "source": "file",
            "path": str(path),
            "about": ABOUT,
            "columns": COLUMNS,
            "seed": 1,
            "train": 20,
            "validation": 10,
            "test": 10,
            "validation_share": 0.2,
            "test_share": 0.2,
            "response_characters": None,
            **changes,
        }
    )


def corpus(folder: Path, rows: list[dict[str, Any]], **changes: Any) -> Corpus:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return load(settings(path, **changes))


def test_lines_become_examples_with_their_provenance(tmp_path: Path) -> None:
    made = corpus(tmp_path, lines())
    (source,) = made.sources
    assert source.licence == "CC0-1.0"
    first = made.splits["train"][0]
    assert first.prompt == f"What is item {first.id}?"
    assert (first.kind, first.specialty, first.difficulty) == ("answer", "general", "intermediate")
    assert len(made.splits["train"]) == 20
    assert made.dropped["beyond the train items asked for"] > 0


def test_an_identifier_may_be_made_of_several_keys(tmp_path: Path) -> None:
    made = corpus(tmp_path, lines(), columns={**COLUMNS, "id": ["topic", "number"]})
    assert {row.id for row in made.splits["train"]} <= {f"t{n // 2}/{n}" for n in range(60)}


def test_a_gzipped_file_in_another_order_gives_the_same_corpus(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in reversed(lines())).encode()))
    assert load(settings(path)).splits == corpus(tmp_path, lines()).splits


def test_what_shares_a_topic_a_question_or_an_answer_shares_a_split(tmp_path: Path) -> None:
    rows = lines()
    rows[7]["question"] = rows[30]["question"]
    rows[41]["answer"] = rows[30]["answer"]
    made = corpus(tmp_path, rows, train=60, validation=60, test=60)
    home = {row.id: split for split in SPLITS for row in made.splits[split]}
    assert len({home[str(n)] for n in (6, 7, 30, 31, 40, 41)}) == 1
    assert set(home.values()) == set(SPLITS)


def test_the_same_pair_is_taken_once(tmp_path: Path) -> None:
    rows = lines()
    rows[1] = {**rows[0], "number": 1, "question": "what is ITEM 0"}
    assert corpus(tmp_path, rows).dropped["the same question and answer again"] == 1


def test_an_identifier_that_comes_again_is_left_out(tmp_path: Path) -> None:
    made = corpus(tmp_path, [*lines(), {**lines()[0], "question": "Something else?"}])
    assert made.dropped["an identifier again"] == 1


def test_responses_are_shortened_to_whole_sentences(tmp_path: Path) -> None:
    made = corpus(tmp_path, lines(), response_characters=10)
    assert {row.response for row in made.splits["train"]} <= {f"It is {n}." for n in range(60)}
    rows = [{**row, "answer": "Far too long for that."} if row["number"] < 5 else row for row in lines()]
    assert sum(corpus(tmp_path, rows, response_characters=10).dropped.values()) >= 5


def test_a_response_that_fits_is_kept_whole() -> None:
    assert shorten("One. Two.", 9) == "One. Two."
    assert shorten("No end", 9) == "No end"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2 of rows.jsonl is no JSON"),
        ("[1]", "line 2 of rows.jsonl is no JSON object"),
        ('{"number": 1, "question": "Secret?", "answer": ["Secret"], "topic": "t"}', "has list in 'answer'"),
        ('{"number": 1, "question": "Secret?", "topic": "t"}', "has no 'answer'"),
    ],
)
def test_a_bad_line_is_named_without_its_text(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(lines()[0]) + "\n" + line)
    with pytest.raises(DataError, match=told) as error:
        load(settings(path))
    assert "Secret" not in str(error.value)


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read"):
        load(settings(tmp_path / "none.jsonl"))
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(json.dumps(lines()[0]).encode())[:-10])
    with pytest.raises(DataError, match="cannot read"):
        load(settings(broken))


def test_an_unknown_difficulty_is_refused(tmp_path: Path) -> None:
    rows = [{**row, "level": "hard"} for row in lines()]
    with pytest.raises(DataError, match="basic, intermediate, advanced"):
        corpus(tmp_path, rows, columns={**COLUMNS, "difficulty": "level"})


def test_a_changed_file_has_another_stamp(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}")
    before = stamp(settings(path))
    path.write_text("{} ")
    assert stamp(settings(path)) != before
