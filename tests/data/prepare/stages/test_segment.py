from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.settings.segment import SegmentSettings
from stillroom.data.prepare.stages.segment import Segment

STAGE = Segment(SegmentSettings(min_characters=10))
NOTE = "HPI: A cough for three days.\nPMH: Asthma since childhood.\nPlan: Rest and fluids."


def row(**columns: Any) -> dict[str, Any]:
    return {"id": "a/1", "source": "a", "task": "note", "prompt": "Write a note.", "response": NOTE} | columns


def test_parts_take_the_place_of_their_row() -> None:
    outcome = STAGE.apply(
        table(
            [
                row(id="a/0", response="Short."),
                row(patient="p", document="d"),
                row(id="a/2", response="Short."),
            ]
        )
    )
    made = outcome.rows.to_pylist()
    assert [one["id"] for one in made] == ["a/0", "a/1#0", "a/1#1", "a/1#2", "a/2"]
    assert made[1]["prompt"] == "Write a note.\nSection: history of present illness."
    assert made[3]["response"] == "Plan: Rest and fluids."
    assert {(one["patient"], one["document"]) for one in made[1:4]} == {("p", "d")}
    assert outcome.changed == 3
    assert outcome.facts == {"rows cut": 1, "parts": 3}
    assert outcome.dropped.num_rows == 0


def test_parts_of_a_row_of_nobody_share_a_document() -> None:
    assert set(STAGE.apply(table([row()])).rows["document"].to_pylist()) == {"a/1"}


def test_a_context_without_a_response_is_cut() -> None:
    made = STAGE.apply(table([row(context=NOTE, response="")])).rows
    assert made["context"].to_pylist() == NOTE.split("\n")


@pytest.mark.parametrize(
    "columns", [{"context": "What was said."}, {"task": "dialogue"}, {"response": "No header here."}]
)
def test_rows_that_are_left_as_they_are(columns: dict[str, Any]) -> None:
    rows = table([row(**columns)])
    assert STAGE.apply(rows).rows.equals(rows)


def test_twice_is_once() -> None:
    long = "\n".join(f"{head}: " + "It was seen that day. " * 60 for head in ("HPI", "PMH", "PLAN"))
    once = STAGE.apply(
        table([row(), row(id="a/2", response=long), row(id="a/3", response="CC: x\nHPI: y\nROS: z")])
    )
    again = STAGE.apply(once.rows)
    assert again.rows.equals(once.rows)
    assert again.changed == 0


def test_no_rows() -> None:
    assert STAGE.apply(table([])).rows.schema == ROW


def test_the_cut_of_the_table_does_not_matter() -> None:
    rows = table([row(id=f"a/{n}", response=NOTE * (n % 3)) for n in range(9)])
    parts = [STAGE.apply(rows.slice(start, 2)).rows for start in range(0, 9, 2)]
    assert pa.concat_tables(parts).combine_chunks().equals(STAGE.apply(rows).rows)


def test_a_note_of_megabytes() -> None:
    text = "\n".join(f"WIDGET {'X' * (n % 7)}: " + "It was seen. " * 500 for n in range(400))
    made = STAGE.apply(table([row(response=text)])).rows
    assert sum(map(len, made["response"].to_pylist())) > 0.99 * len(text) - made.num_rows * 2


def test_settings_in_order() -> None:
    with pytest.raises(ValidationError):
        SegmentSettings(min_characters=900, max_characters=1_000)
