"""The user's own files, as they are named and laid out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapted import adapted, write_json, write_lines
from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.sources.own_files import CSV, HUGGINGFACE, JSONL, PARQUET
from stillroom.types import DataError

ROW: dict[str, Any] = {"question": "What is gout?", "answer": "A disease."}


def test_json_lines_and_arrays_at_any_depth(tmp_path: Path) -> None:
    write_lines(tmp_path / "train.jsonl", [ROW, {"question": "Why?"}])
    write_json(tmp_path / "ward" / "test" / "notes.json", [ROW])
    made = adapted(JSONL, tmp_path)
    assert [row["id"] for row in made.rows] == ["jsonl/train-1", "jsonl/ward-test-notes-1"]
    assert [row["split"] for row in made.rows] == ["train", "test"]
    assert made.reasons == {"none of the columns response, output, answer": 1}


def test_comma_and_tab_separated_values(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,answer\n1,2\nWhat?,It\n")
    (tmp_path / "b.tsv").write_text("question\tanswer\nWho?\tShe\n")
    assert [row["response"] for row in adapted(CSV, tmp_path).rows] == ["2", "It", "She"]


def test_parquet_in_the_hubs_layout(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for split in ("train", "validation"):
        pq.write_table(pa.Table.from_pylist([ROW]), tmp_path / "data" / f"{split}-00000-of-00001.parquet")
    made = adapted(PARQUET, tmp_path)
    assert made.by("id", "split") == {
        ("parquet/data-train-00000-of-00001-1", "train"): 1,
        ("parquet/data-validation-00000-of-00001-1", "validation"): 1,
    }


def test_one_file_can_be_named(tmp_path: Path) -> None:
    write_lines(tmp_path / "mine.jsonl", [ROW])
    assert [row["id"] for row in adapted(JSONL, tmp_path / "mine.jsonl").rows] == ["jsonl/mine-1"]


@pytest.mark.parametrize("adapter", [JSONL, CSV, PARQUET, HUGGINGFACE], ids=lambda adapter: adapter.name)
def test_a_folder_without_such_files_is_one_line(adapter: Adapter, tmp_path: Path) -> None:
    (tmp_path / "notes.docx").write_text("")
    with pytest.raises(DataError, match="holds no file of this format; expected"):
        adapted(adapter, tmp_path)


def test_a_data_set_saved_to_disk_is_read_split_by_split(tmp_path: Path) -> None:
    for split, questions in {"train": ("a", "b"), "test": ("c",)}.items():
        folder = tmp_path / split
        folder.mkdir()
        rows = pa.Table.from_pylist([{"question": question, "answer": "It."} for question in questions])
        for name in ("data-00000-of-00001.arrow", "cache-1234.arrow"):
            with pa.OSFile(str(folder / name), "wb") as sink, pa.ipc.new_stream(sink, rows.schema) as writer:
                writer.write_table(rows)
        write_json(folder / "state.json", {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]})
    made = adapted(HUGGINGFACE, tmp_path)
    assert made.by("prompt", "split") == {("a", "train"): 1, ("b", "train"): 1, ("c", "test"): 1}
    assert not made.reasons


def test_what_the_library_itself_saves_is_read(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="the library datasets is not installed")
    datasets.disable_progress_bars()
    saved = datasets.DatasetDict(
        {"train": datasets.Dataset.from_list([ROW] * 3), "validation": datasets.Dataset.from_list([ROW])}
    )
    saved.save_to_disk(str(tmp_path / "saved"))
    assert adapted(HUGGINGFACE, tmp_path / "saved").by("split") == {("train",): 3, ("validation",): 1}
