from __future__ import annotations

import pickle
from typing import Any

import pyarrow as pa
import pytest

from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.settings.clean import CleanSettings
from stillroom.data.prepare.stages.clean import Clean

CLEAN = Clean(CleanSettings())
ENGLISH = "The patient was seen in the clinic with pain that had been there for three days and is better now."
FRENCH = (
    "Le malade a été vu à la consultation pour une douleur de la poitrine qui dure depuis trois jours, sans fièvre, "
    "et il se sent mieux après le repos et le traitement."
)


def row(**columns: Any) -> dict[str, Any]:
    return {"id": "a/1", "source": "a", "prompt": "What is it?", "response": "Flu."} | columns


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"prompt": "\u200b<br>", "context": " \x00"}, "no prompt and no context"),
        ({"response": "<p>&nbsp;</p>"}, "the response holds no text"),
        ({"context": "caf\ufffd b\ufffd\ufffd"}, "context is damaged"),
        ({"response": FRENCH}, "response is not English"),
    ],
)
def test_rows_left_out_are_listed_with_the_reason(columns: dict[str, Any], reason: str) -> None:
    outcome = CLEAN.apply(table([row(**columns), row(id="a/2")]))
    assert outcome.rows["id"].to_pylist() == ["a/2"]
    assert outcome.dropped.to_pylist() == [{"id": "a/1", "reason": reason, "because_of": ""}]


def test_a_row_without_a_response_goes_on() -> None:
    assert CLEAN.apply(table([row(response="")])).rows.num_rows == 1


def test_other_languages_may_be_wanted() -> None:
    assert Clean(CleanSettings(english_only=False)).apply(table([row(response=FRENCH)])).rows.num_rows == 1


def test_options_are_cleaned_like_the_response() -> None:
    options = ["<b>Flu</b>.", "Cold\u00a0sore"]
    made = CLEAN.apply(table([row(), row(id="a/2", options=options, response=options[0])]))
    assert made.rows["options"].to_pylist() == [[], ["Flu.", "Cold sore"]]
    assert made.rows["response"][1].as_py() == "Flu."
    assert made.changed == 1


def test_no_rows() -> None:
    outcome = CLEAN.apply(table([]))
    assert outcome.rows.schema == ROW
    assert outcome.dropped.num_rows == outcome.changed == 0


def test_twice_is_once_on_real_rows(dialogues: pa.Table) -> None:
    once = CLEAN.apply(dialogues)
    assert once.changed > 1000
    assert once.dropped.num_rows == 0
    assert CLEAN.apply(once.rows).changed == 0


def test_the_cut_of_the_table_does_not_matter(dialogues: pa.Table) -> None:
    whole = CLEAN.apply(dialogues).rows
    parts = [CLEAN.apply(dialogues.slice(start, 250)).rows for start in range(0, 1201, 250)]
    assert pa.concat_tables(parts).equals(whole)


def test_it_travels_between_processes() -> None:
    assert pickle.loads(pickle.dumps(CLEAN)) == CLEAN
    assert ENGLISH in CLEAN.apply(table([row(context=ENGLISH)])).rows["context"].to_pylist()
