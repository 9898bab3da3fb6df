"""MMLU medical: the published counts, both layouts of the release, the leak that is in it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adapted import adapted
from shared_data import shared_data
from stillroom.data.prepare.sources.mmlu_medical import ADAPTER, SPECIALTIES

QUESTION = '"Which bone, if any?",Ulna,Radius,Femur,Tibia,C\n'


def test_the_real_files_have_the_published_counts() -> None:
    made = adapted(ADAPTER, shared_data("mmlu_medical"))
    assert made.by("split", "benchmark") == {
        ("train", ""): 40,
        ("validation", ""): 174,
        ("test", True): 1571,
    }
    assert not made.reasons


def test_the_real_leak_between_subjects_is_still_in_the_rows_for_the_isolation_stage_to_find() -> None:
    rows = adapted(ADAPTER, shared_data("mmlu_medical")).rows
    learned = {(row["prompt"], *row["options"]) for row in rows if row["split"] != "test"}
    leaked = [row for row in rows if row["split"] == "test" and (row["prompt"], *row["options"]) in learned]
    assert len(leaked) == 19


def test_the_release_is_read_for_its_eight_subjects_only(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    for subject in (*SPECIALTIES, "astronomy"):
        (tmp_path / "test" / f"{subject}_test.csv").write_text(QUESTION)
    made = adapted(ADAPTER, tmp_path)
    assert {row["id"] for row in made.rows} == {f"mmlu_medical/{subject}-test-1" for subject in SPECIALTIES}
    assert made["anatomy-test-1"]["response"] == "Femur"
    assert made["anatomy-test-1"]["specialty"] == "anatomy"


def test_the_hubs_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "virology").mkdir()
    row = {"question": "Which?", "subject": "virology", "choices": ["a", "b"], "answer": 1}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "virology" / "validation-00000-of-00001.parquet")
    (made,) = adapted(ADAPTER, tmp_path).rows
    assert (made["split"], made["response"], made["specialty"]) == ("validation", "b", "virology")
