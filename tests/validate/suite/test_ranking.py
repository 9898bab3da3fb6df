from __future__ import annotations

from dataclasses import replace

import pytest

from stillroom.validate.suite.ranking import rank_tables, standing
from stillroom.validate.suite.results import Cell, SuiteResult


def test_mean_ranks_and_critical_difference_are_those_worked_out_by_hand(result: SuiteResult) -> None:
    everywhere, with_hint = rank_tables(result)
    # a: soft, dist, control. b: the same. c: the same. d, where less is better: soft, dist, control.
    assert everywhere.tasks == ("a", "b", "c", "d")
    assert everywhere.ordered == [("soft", 1.0), ("dist", 2.0), ("control", 3.0)]
    # Demšar 2006, table 5: q = 2.343 for three methods; 2.343 · √(3 · 4 / (6 · 4)).
    assert everywhere.ranking.critical_difference == pytest.approx(1.657, abs=1e-3)
    assert everywhere.apart == [("soft", "control")]
    # a: soft, dist, hint, control. c: hint, soft, dist, control. d: soft, dist, control, hint.
    assert with_hint.tasks == ("a", "c", "d")
    assert dict(with_hint.ordered) == pytest.approx(
        {"soft": 4 / 3, "dist": 7 / 3, "hint": 8 / 3, "control": 11 / 3}
    )
    # q = 2.569 for four methods; 2.569 · √(4 · 5 / (6 · 3)).
    assert with_hint.ranking.critical_difference == pytest.approx(2.708, abs=1e-3)
    assert with_hint.apart == []


def test_a_training_that_failed_ranks_last(result: SuiteResult) -> None:
    cells = [
        Cell("a", "soft", "failed", "it diverged") if (c.task, c.method) == ("a", "soft") else c
        for c in result.cells
    ]
    everywhere = rank_tables(replace(result, cells=tuple(cells)))[0]
    assert dict(everywhere.ordered)["soft"] == (3 + 1 + 1 + 1) / 4


def test_a_task_that_shares_its_trainings_is_not_ranked(result: SuiteResult) -> None:
    tasks = tuple(replace(task, shares="a") if task.name == "b" else task for task in result.tasks)
    assert rank_tables(replace(result, tasks=tasks))[0].tasks == ("a", "c", "d")


def test_a_method_stands_where_its_interval_puts_it(result: SuiteResult) -> None:
    soft = standing(result, "soft")  # differences +0.05, +0.02, +0.05, −0.10 of a loss; ± 0.03
    assert (soft.better, soft.worse, soft.open) == (("a", "c", "d"), (), ("b",))
    assert standing(result, "hint").worse == ("d",)
    assert standing(result, "control").open == ("a", "b", "c", "d")
