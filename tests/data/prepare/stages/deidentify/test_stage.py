from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.settings.deidentify import DeidentifySettings
from stillroom.data.prepare.stages.deidentify import Deidentify
from stillroom.types import DataError

TAG = Deidentify(DeidentifySettings())
NOTE = (
    "Patient Name: DOE, JANE Q. MRN: 00-12-345. DOB 3/14/1931. Mrs. Doe is a 93-year-old woman seen by Dr. Adeyemi on "
    "March 3rd, 2021. Call (617) 555-0123. Lives at 12 Elm St, Troy, NY 12180. Crohn's disease."
)


def row(**columns: Any) -> dict[str, Any]:
    return {
        "id": "a/1",
        "source": "a",
        "task": "note",
        "prompt": "Write a note.",
        "response": NOTE,
        "patient": "p",
    } | columns


def surrogate(folder: Path, key: str = "ab" * 32) -> Deidentify:
    file = folder / "key"
    file.write_text(key)
    return Deidentify(DeidentifySettings(mode="surrogate", key_file=str(file)))


def test_tags() -> None:
    outcome = TAG.apply(table([row()]))
    assert outcome.rows["response"][0].as_py() == (
        "Patient Name: [NAME]. MRN: [MRN]. DOB [DATE]. Mrs. [NAME] is a 90+-year-old woman seen by Dr."
        " [NAME] on [DATE]. "
        "Call [PHONE]. Lives at [ADDRESS]. Crohn's disease."
    ).replace("[NAME]. MRN", "[NAME] MRN")
    assert outcome.changed == 1
    assert outcome.facts["name replaced"] == 3
    assert outcome.dropped.num_rows == 0


def test_surrogates_read_like_a_note(tmp_path: Path) -> None:
    made = surrogate(tmp_path).apply(table([row()])).rows["response"][0].as_py()
    for gone in (
        "DOE",
        "Doe",
        "JANE",
        "00-12-345",
        "3/14/1931",
        "93-",
        "Adeyemi",
        "March 3rd",
        "555-0123",
        "Elm St",
        "12180",
    ):
        assert gone not in made
    assert "[" not in made
    assert "Crohn's disease" in made


def test_a_patient_keeps_surrogates_over_rows_and_cuts(tmp_path: Path) -> None:
    stage = surrogate(tmp_path)
    rows = table([row(), row(id="a/2", response="Mrs. Doe is back.")])
    whole = stage.apply(rows).rows
    parts = pa.concat_tables([stage.apply(rows.slice(0, 1)).rows, stage.apply(rows.slice(1)).rows])
    assert parts.equals(whole)
    name = whole["response"][1].as_py().split()[1]
    assert f"Mrs. {name}" in whole["response"][0].as_py()


def test_another_key_gives_others(tmp_path: Path) -> None:
    one = surrogate(tmp_path).apply(table([row()])).rows
    other = surrogate(tmp_path, "cd" * 32).apply(table([row()])).rows
    assert not one.equals(other)


def test_a_name_that_one_text_introduces_is_found_in_the_others() -> None:
    made = TAG.apply(
        table([row(context="Dr. Zwingli examined her.", response="Plan: as zwingli says.")])
    ).rows
    assert made["response"][0].as_py() == "Plan: as [NAME] says."


def test_a_response_stays_one_of_its_options() -> None:
    options = ["Call Mr. Okafor", "Wait"]
    made = TAG.apply(table([row(options=options, response=options[0])])).rows.to_pylist()[0]
    assert made["options"] == ["Call Mr. [NAME]", "Wait"]
    assert made["response"] == "Call Mr. [NAME]"


def test_only_rows_of_its_tasks_are_treated() -> None:
    rows = table([row(task="question_answering")])
    assert TAG.apply(rows).rows.equals(rows)
    assert Deidentify(DeidentifySettings(tasks=None)).apply(rows).changed == 1


def test_twice_is_once_on_real_rows(dialogues: pa.Table) -> None:
    once = TAG.apply(dialogues.slice(0, 200))
    assert once.changed > 20
    assert once.rows.schema == ROW
    again = TAG.apply(once.rows)
    assert again.rows.equals(once.rows)
    assert not again.facts


def test_no_rows() -> None:
    assert TAG.apply(table([])).rows.schema == ROW


def test_it_travels_between_processes_without_its_key(tmp_path: Path) -> None:
    stage = surrogate(tmp_path)
    assert b"abab" not in pickle.dumps(stage)
    assert pickle.loads(pickle.dumps(stage)) == stage


@pytest.mark.parametrize("content", [None, "zz", "ab"])
def test_a_missing_or_wrong_key_is_told(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)
    stage = Deidentify(DeidentifySettings(mode="surrogate", key_file=str(tmp_path / "key")))
    with pytest.raises(DataError, match="64 hexadecimal digits"):
        stage.apply(table([row()]))


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "surrogate"},
        {"key_file": "k"},
        {"mode": "surrogate", "key_file": "k", "key_variable": "K"},
        {"spacy_model": "x"},
    ],
)
def test_settings_that_do_not_go_together(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DeidentifySettings(**settings)
