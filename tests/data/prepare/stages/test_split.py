"""The split: nothing is on two sides, nothing moves because others came, and strata are not left out."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from prepared import raw
from stillroom.data.prepare.grouping import components, group_keys, groups_of
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.settings.split import SplitSettings
from stillroom.data.prepare.stages.split import Split

SETTINGS = SplitSettings(validation_share=0.2, test_share=0.1)


def made(count: int, source: str = "a", start: int = 0, **columns: Any) -> list[dict[str, Any]]:
    return [{**raw(f"{source}/{n}"), "source": source, **columns} for n in range(start, start + count)]


def divided(*tables: pa.Table, settings: SplitSettings = SETTINGS) -> tuple[dict[str, str], dict[str, str]]:
    stage = Split(settings)
    decided = stage.decide([stage.survey(each) for each in tables])
    outcomes = [decided.apply(each) for each in tables]
    sides = {row["id"]: row["split"] for outcome in outcomes for row in outcome.rows.to_pylist()}
    dropped = {row["id"]: row["reason"] for outcome in outcomes for row in outcome.dropped.to_pylist()}
    return sides, dropped


def shares(sides: dict[str, str]) -> dict[str, float]:
    return {
        split: list(sides.values()).count(split) / len(sides) for split in ("train", "validation", "test")
    }


def test_rows_without_a_split_are_divided_by_hash() -> None:
    sides, dropped = divided(table(made(3000)))
    assert shares(sides) == pytest.approx({"train": 0.7, "validation": 0.2, "test": 0.1}, abs=0.03)
    assert not dropped


def test_more_rows_move_none() -> None:
    before, _ = divided(table(made(300)))
    after, _ = divided(table(made(300)), table(made(900, start=300)), table(made(500, source="b")))
    assert {id: after[id] for id in before} == before


def test_the_tables_and_their_order_do_not_matter() -> None:
    rows = [*made(200), *made(40, source="b", split="train")]
    whole, _ = divided(table(rows))
    parts, _ = divided(*(table(rows[start : start + 31]) for start in range(0, len(rows), 31)))
    turned, _ = divided(table(rows[::-1]))
    assert whole == parts == turned


@pytest.mark.parametrize("kind", ["patient", "document", "concept"])
def test_a_group_is_on_one_side(kind: str) -> None:
    rows = [row | {kind: str(n // 3)} for n, row in enumerate(made(600))]
    sides, _ = divided(table(rows))
    assert len(set(sides.values())) == 3
    for n in range(0, 600, 3):
        assert len({sides[f"a/{n + k}"] for k in range(3)}) == 1


def test_no_group_of_the_result_is_on_two_sides_however_they_are_linked() -> None:
    rows = [
        row
        | {"patient": str(n % 97) if n % 2 else "", "document": str(n % 61) if n % 3 else "", "split": own}
        for n, (row, own) in enumerate(zip(made(800), ["", "train", "validation", "test"] * 200, strict=True))
    ]
    sides, dropped = divided(table(rows))
    kept = table([row for row in rows if row["id"] in sides])
    keys = group_keys(kept)
    known, names = components(keys)
    home: dict[int, set[str]] = {}
    for id, group in zip(kept["id"].to_pylist(), groups_of(keys, known, names).tolist(), strict=True):
        home.setdefault(group, set()).add(sides[id])
    assert max(len(found) for found in home.values()) == 1
    assert len(sides) + len(dropped) == 800


def test_sources_keep_their_own_splits() -> None:
    rows = [
        *made(9, split="train"),
        *made(2, source="a", start=9, split="validation"),
        *made(3, start=11, split="test"),
    ]
    sides, _ = divided(table(rows))
    assert [sides[row["id"]] for row in rows] == ["train"] * 9 + ["validation"] * 2 + ["test"] * 3


def test_they_need_not_keep_them() -> None:
    sides, _ = divided(
        table(made(900, split="train")), settings=SETTINGS.model_copy(update={"keep_own_splits": False})
    )
    assert shares(sides)["test"] == pytest.approx(0.1, abs=0.04)


def test_a_source_without_validation_gives_some_of_its_training_rows() -> None:
    sides, _ = divided(table([*made(900, split="train"), *made(20, start=900, split="test")]))
    of_train = {id: side for id, side in sides.items() if int(id[2:]) < 900}
    assert shares(of_train) == pytest.approx({"train": 0.8, "validation": 0.2, "test": 0.0}, abs=0.04)


def test_a_benchmark_is_never_learned_from() -> None:
    for keep in (True, False):
        settings = SETTINGS.model_copy(update={"keep_own_splits": keep})
        sides, _ = divided(table(made(200, split="train", benchmark=True)), settings=settings)
        assert set(sides.values()) == {"test"}


def test_what_shares_a_document_with_a_test_item_is_left_out_of_training() -> None:
    rows = [
        *made(1, document="d", benchmark=True),
        *made(1, start=1, document="d", split="train"),
        *made(1, start=2, document="d", split="validation"),
        *made(1, start=3, document="other", split="train"),
    ]
    sides, dropped = divided(table(rows))
    assert sides["a/0"] == "test"
    assert set(dropped) == {"a/1", "a/2"}
    assert dropped["a/1"] == "its patient, document or concept is in the test split"


def test_every_stratum_that_should_has_a_validation_group() -> None:
    for number in range(40):
        rows = made(5, source=f"s{number}", split="train")
        sides, _ = divided(table(rows))
        assert "validation" in sides.values()
        assert "train" in sides.values()


def test_the_shares_must_leave_something_to_train() -> None:
    with pytest.raises(ValueError, match="must leave groups to train on"):
        SplitSettings(validation_share=0.5, test_share=0.5)
