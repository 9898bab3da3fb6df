"""The mixture: shares by temperature, rows by hash, nothing twice."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prepared import raw
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.settings.mix import MixSettings
from stillroom.data.prepare.stages.mix import Mix, quotas

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 300), min_size=1)


@given(COUNTS, st.floats(1, 100), st.integers(1, 900))
def test_quotas_add_up_and_no_class_gives_more_than_it_has(
    rows: dict[str, int], temperature: float, total: int
) -> None:
    taken = quotas(rows, temperature, total)
    assert taken.keys() == rows.keys()
    assert all(0 <= taken[name] <= rows[name] for name in rows)
    assert sum(taken.values()) == min(total, sum(rows.values()))


@given(COUNTS, st.floats(1, 10), st.integers(1, 900))
def test_classes_that_are_not_used_up_are_taken_in_proportion(
    rows: dict[str, int], temperature: float, total: int
) -> None:
    taken = quotas(rows, temperature, total)
    factors = [(taken[n] - 1) / rows[n] ** (1 / temperature) for n in rows if taken[n] < rows[n]]
    upper = [(taken[n] + 1) / rows[n] ** (1 / temperature) for n in rows if taken[n] < rows[n]]
    assert not factors or max(factors) <= min(upper) + 1e-9


def rows(**counts: int) -> list[dict[str, Any]]:
    return [
        {
            **raw(f"{source}-{split}-{n}"),
            "source": source,
            "split": split,
            "specialty": "rare" if n % 10 == 0 else "common",
        }
        for source, count in counts.items()
        for split in ("train", "validation", "test")
        for n in range(count)
    ]


def mixed(settings: MixSettings, *tables: pa.Table) -> tuple[list[dict[str, Any]], list[str]]:
    stage = Mix(settings)
    taken = stage.decide([stage.survey(each) for each in tables])
    outcomes = [taken.apply(each) for each in tables]
    kept = [row for outcome in outcomes for row in outcome.rows.to_pylist()]
    return kept, [reason for outcome in outcomes for reason in outcome.dropped["reason"].to_pylist()]


def count(kept: list[dict[str, Any]], split: str, **tags: str) -> int:
    return sum(row["split"] == split and all(row[k] == v for k, v in tags.items()) for row in kept)


def test_by_default_all_rows_are_taken() -> None:
    kept, reasons = mixed(MixSettings(), table(rows(a=5, b=3)))
    assert (len(kept), reasons) == (24, [])


def test_temperature_lifts_the_small_source() -> None:
    tables = table(rows(a=90)), table(rows(b=10))
    plain, _ = mixed(MixSettings(train_items=20), *tables)
    lifted, reasons = mixed(MixSettings(train_items=20, temperature=100), *tables)
    assert [count(plain, "train", source=source) for source in "ab"] == [18, 2]
    assert [count(lifted, "train", source=source) for source in "ab"] == [10, 10]
    assert reasons == ["beyond the train rows asked for"] * 80


def test_specialties_can_be_balanced_instead() -> None:
    kept, _ = mixed(MixSettings(by="specialty", train_items=20, temperature=100), table(rows(a=100)))
    assert [count(kept, "train", specialty=name) for name in ("rare", "common")] == [10, 10]


def test_held_out_rows_are_counted_by_source() -> None:
    kept, _ = mixed(MixSettings(validation_items=3, test_items=4), table(rows(a=9)), table(rows(b=2)))
    assert [count(kept, "validation", source=source) for source in "ab"] == [3, 2]
    assert [count(kept, "test", source=source) for source in "ab"] == [4, 2]


def test_more_takes_the_same_rows_and_more() -> None:
    few, more = (
        {row["id"] for row in mixed(MixSettings(train_items=n), table(rows(a=50)))[0]} for n in (10, 30)
    )
    assert few < more


def test_the_tables_do_not_matter() -> None:
    whole = table(rows(a=40, b=12))
    settings = MixSettings(train_items=20, temperature=2)
    parts = [whole.slice(start, 17) for start in range(0, whole.num_rows, 17)]
    assert mixed(settings, *parts) == mixed(settings, whole)


def test_a_temperature_without_a_total_is_refused() -> None:
    with pytest.raises(ValueError, match="needs train_items"):
        MixSettings(temperature=2)
