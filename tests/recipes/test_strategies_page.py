"""The page of the strategies says what its record holds."""

from __future__ import annotations

from types import ModuleType

import pytest

from losses.scripts import ROOT, load
from stillroom.recipes.sweeps.compare import Figures


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return load("benchmarks/strategies.py")


@pytest.fixture
def names(script: ModuleType) -> list[str]:
    return [strategy.name for strategy in script.STRATEGIES]


def test_page_and_picture_are_the_record_s(script: ModuleType, names: list[str]) -> None:
    record = script.Record.read()
    assert script.PAGE.read_text(encoding="utf-8") == script.page(record, names)
    assert script.PICTURE.read_text(encoding="utf-8") == script.forest(record, names)


def test_every_row_of_the_record_is_a_strategy(script: ModuleType, names: list[str]) -> None:
    for rows in script.Record.read().corpora.values():
        assert set(rows) <= set(names)


def test_a_row_is_the_mean_of_its_seeds(script: ModuleType) -> None:
    seeds = [Figures(4.0, 4.5, -0.5, -0.6, -0.4, 2.0), Figures(4.2, 4.3, -0.1, -0.2, 0.1, None)]
    row = script.Row.of(seeds, "here")
    assert (row.student, row.control, row.kl_to_teacher) == pytest.approx((4.1, 4.4, 2.0))
    assert [margin.helps for margin in row.margins] == [True, False]
    assert script.Row.from_dict(row.to_dict()) == row
