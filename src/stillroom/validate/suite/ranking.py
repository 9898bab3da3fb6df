"""Mean ranks of methods, once for every set of tasks that the same methods can honour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from stillroom.validate.statistics.ranks import Ranking, rank_methods
from stillroom.validate.suite.results import Cell, SuiteResult, TaskRow

_TRIED = ("measured", "failed")


@dataclass(frozen=True, slots=True)
class RankTable:
    """Methods ranked over the same tasks.

    Attributes:
        tasks: names.
        methods: names, in the order of ``ranking``.
        ranking: mean ranks and critical difference.
    """

    tasks: tuple[str, ...]
    methods: tuple[str, ...]
    ranking: Ranking

    @property
    def ordered(self) -> list[tuple[str, float]]:
        """Methods with their mean ranks, the best first."""
        pairs = zip(self.methods, self.ranking.mean_ranks.tolist(), strict=True)
        return sorted(pairs, key=lambda pair: pair[1])

    @property
    def apart(self) -> list[tuple[str, str]]:
        """Pairs of methods that are further apart than the critical difference, the better one first."""
        return [
            (better, worse)
            for (better, low), (worse, high) in combinations(self.ordered, 2)
            if high - low > self.ranking.critical_difference
        ]


def rank_tables(result: SuiteResult) -> list[RankTable]:
    """Rank methods wherever at least two can be compared on at least two tasks, the largest set of tasks first.

    Friedman's test needs a figure of every method on every task. So methods are compared on the tasks that each method
    can honour, with all others that can honour these. Tasks that share their trainings with another are left out, for
    tests over tasks ask for independent ones. A training that failed ranks last.
    """
    tasks = [task for task in result.tasks if task.state == "measured" and not task.shares]
    honoured = {
        method.name: frozenset(t.name for t in tasks if result.cell(t.name, method.name).state in _TRIED)
        for method in result.methods
    }
    sets = sorted(
        {names for names in honoured.values() if len(names) > 1}, key=lambda s: (-len(s), sorted(s))
    )
    found = []
    for names in sets:
        able = tuple(method for method, of in honoured.items() if of >= names)
        if len(able) > 1:
            found.append(_table(result, [task for task in tasks if task.name in names], able))
    return found


def _table(result: SuiteResult, tasks: list[TaskRow], methods: tuple[str, ...]) -> RankTable:
    scores = [[_score(task, result.cell(task.name, method)) for method in methods] for task in tasks]
    return RankTable(tuple(task.name for task in tasks), methods, rank_methods(np.array(scores)))


def _score(task: TaskRow, cell: Cell) -> float:
    if cell.state == "failed":
        return -np.inf
    value = cell.figures["figure"].value
    return value if task.higher_is_better else -value


@dataclass(frozen=True, slots=True)
class Standing:
    """How a method stands to the control: tasks by name."""

    better: tuple[str, ...]
    worse: tuple[str, ...]
    open: tuple[str, ...]


def standing(result: SuiteResult, method: str) -> Standing:
    """Sort a method's tasks by whether its paired difference to the control leaves out zero."""
    sides: dict[int, list[str]] = {1: [], -1: [], 0: []}
    for task, side in _sides(result, method):
        sides[side].append(task)
    return Standing(*(tuple(sides[side]) for side in (1, -1, 0)))


def _sides(result: SuiteResult, method: str) -> Iterator[tuple[str, int]]:
    for task, cell in result.of_method(method):
        side = cell.figures["minus_control"].side if method != result.control else 0
        yield task.name, side if task.higher_is_better else -side
