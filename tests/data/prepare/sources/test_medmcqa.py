"""MedMCQA: options counted from 1 or from 0, answers listed twice, dev as the benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from adapted import adapted, write_lines
from shared_data import shared_data
from stillroom.data.prepare.sources.medmcqa import ADAPTER


def released(id: str, cop: int) -> dict[str, Any]:
    options = {"opa": "first", "opb": "second", "opc": "third", "opd": "fourth"}
    return {
        "id": id,
        "question": "Which?",
        "cop": cop,
        "subject_name": "Skin",
        "choice_type": "multi",
        **options,
    }


def test_every_real_row_is_there_or_listed_with_the_reason() -> None:
    made = adapted(ADAPTER, shared_data("medmcqa_dev"))
    assert made.by("split", "benchmark") == {
        ("train", False): 2496,
        ("validation", False): 433,
        ("test", True): 1250,
    }
    assert made.reasons == {"the right option is listed twice": 4}
    assert len(made.rows) + 4 == 4183


def test_real_specialties_are_the_twenty_subjects_and_none_is_unknown() -> None:
    specialties = {row["specialty"] for row in adapted(ADAPTER, shared_data("medmcqa_dev")).rows}
    assert len(specialties) == 21
    assert "" in specialties
    assert "unknown" not in specialties


def test_the_right_option_is_counted_from_one_in_json(tmp_path: Path) -> None:
    write_lines(tmp_path / "train.json", [released("a", 1), released("b", 4)])
    made = adapted(ADAPTER, tmp_path)
    assert [row["response"] for row in made.rows] == ["first", "fourth"]
    assert made["a"]["specialty"] == "skin"


def test_the_right_option_is_counted_from_zero_in_the_hubs_files(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    rows = pa.Table.from_pylist([released("a", 0), released("b", 3)])
    pq.write_table(rows, tmp_path / "data" / "train-00000-of-00001.parquet")
    assert [row["response"] for row in adapted(ADAPTER, tmp_path).rows] == ["first", "fourth"]


def test_the_dev_file_is_the_benchmark_and_the_test_file_without_answers_is_not_read(tmp_path: Path) -> None:
    write_lines(tmp_path / "dev.json", [released("a", 2)])
    write_lines(tmp_path / "test.json", [{**released("b", 2), "cop": None}])
    made = adapted(ADAPTER, tmp_path)
    assert made.by("split", "benchmark") == {("test", True): 1}
    assert not made.reasons


def test_an_answer_out_of_range_is_told(tmp_path: Path) -> None:
    write_lines(tmp_path / "train.json", [released("a", 5), {**released("b", 1), "cop": None}])
    assert adapted(ADAPTER, tmp_path).reasons == {
        "the answer is none of the options": 1,
        "no right option": 1,
    }
