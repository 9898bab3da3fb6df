from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from stillroom.data.prepare.rows import ROW, table
from stillroom.data.prepare.settings.tag import TagSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.stages.tag import Tag
from stillroom.types import DataError


def row(**columns: Any) -> dict[str, Any]:
    return {
        "id": "a/1",
        "source": "a",
        "prompt": "What is the drug of choice for angina of the heart?",
    } | columns


def tagged(rows: pa.Table, tables: int = 1, **settings: Any) -> Outcome:
    stage = Tag(TagSettings(**settings))
    size = -(-rows.num_rows // tables) or 1
    cut = [rows.slice(start, size) for start in range(0, rows.num_rows, size)]
    return stage.decide([stage.survey(part) for part in cut]).apply(rows)


def test_rows_without_tags_get_them() -> None:
    outcome = tagged(table([row(), row(id="a/2", specialty="mine", difficulty="hard")]))
    assert outcome.rows["specialty"].to_pylist() == ["cardiology", "mine"]
    assert outcome.rows["difficulty"].to_pylist() == ["treatment_planning", "hard"]
    assert outcome.changed == 1
    assert outcome.facts == {"specialties told": 1, "difficulties told": 1}


def test_what_the_source_says_may_be_overwritten() -> None:
    made = tagged(table([row(specialty="mine", difficulty="hard")]), overwrite=True).rows
    assert (made["specialty"][0].as_py(), made["difficulty"][0].as_py()) == (
        "cardiology",
        "treatment_planning",
    )


def test_levels_by_length_and_rare_words() -> None:
    rows = [row(id=f"a/{n}", prompt="common words stand here again") for n in range(3_000)]
    rows += [
        row(id="a/x", prompt="zygapophyseal words stand here again and again common"),
        row(id="a/y", prompt="qqq www eee rrr"),
    ]
    made = tagged(table(rows), difficulty="levels").rows["difficulty"].to_pylist()
    assert made[0] == "basic"
    assert made[-2:] == ["intermediate", "advanced"]


def test_levels_by_the_teachers_loss(tmp_path: Path) -> None:
    file = tmp_path / "loss.csv"
    file.write_text("id,loss\n" + "".join(f"a/{n},{n / 10}\n" for n in range(9)))
    made = tagged(table([row(id=f"a/{n}") for n in range(9)]), difficulty="levels", teacher_loss=str(file))
    assert made.rows["difficulty"].to_pylist() == ["basic"] * 3 + ["intermediate"] * 3 + ["advanced"] * 3


@pytest.mark.parametrize("content", [None, "id\n1\n", "id,loss\n1,x\n"])
def test_losses_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "loss.csv"
    if content is not None:
        file.write_text(content)
    with pytest.raises(DataError, match="no losses"):
        tagged(table([row()]), difficulty="levels", teacher_loss=str(file))


def test_the_classifier_learns_from_labelled_rows(abstracts: pa.Table) -> None:
    hidden = [
        row | {"specialty": row["specialty"] if n % 4 else ""}
        for n, row in enumerate(abstracts.to_pylist()[:1_200])
    ]
    made = tagged(table(hidden), classifier=True, least_probability=0.01).rows["specialty"].to_pylist()
    truth = abstracts["specialty"].to_pylist()[:1_200]
    right = [one == other for n, (one, other) in enumerate(zip(made, truth, strict=True)) if n % 4 == 0]
    assert sum(right) / len(right) > 0.5
    assert all(one == other for n, (one, other) in enumerate(zip(made, truth, strict=True)) if n % 4)


def test_the_cut_of_the_tables_does_not_matter(abstracts: pa.Table) -> None:
    rows = table(
        [
            row | {"specialty": row["specialty"] if n % 2 else ""}
            for n, row in enumerate(abstracts.to_pylist()[:300])
        ]
    )
    settings: dict[str, Any] = {"classifier": True, "training_rows": 100, "difficulty": "levels"}
    assert tagged(rows, 1, **settings).rows.equals(tagged(rows, 7, **settings).rows)


def test_twice_is_once() -> None:
    once = tagged(table([row(), row(id="a/2", prompt="Rain?")])).rows
    again = tagged(once)
    assert again.rows.equals(once)
    assert again.changed == 0


def test_no_rows_and_no_labels() -> None:
    assert tagged(table([])).rows.schema == ROW
    assert tagged(table([row()]), classifier=True).rows["specialty"][0].as_py() == "cardiology"


def test_it_travels_between_processes() -> None:
    stage = Tag(TagSettings())
    decided = stage.decide([pickle.loads(pickle.dumps(stage.survey(table([row()]))))])
    assert pickle.loads(pickle.dumps(decided)).apply(table([row()])).changed == 1
