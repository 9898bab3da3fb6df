"""What results come to, in sentences that claim no more than the intervals bear."""

from __future__ import annotations

from collections.abc import Sequence

from stillroom.validate.suite.ranking import RankTable, rank_tables, standing
from stillroom.validate.suite.results import SuiteResult

_CHANCE, _LEAST_P = 0.05, 0.001


def sentences(result: SuiteResult) -> list[str]:
    """Say which methods help, which do harm, and what cannot be told apart."""
    titles = {method.name: method.title for method in result.methods}
    told = [_of_method(result, method.name, method.title) for method in result.methods]
    tables = rank_tables(result)
    return [
        *_overall(result),
        *(sentence for sentence in told if sentence),
        *_by_chance(result),
        *(_of_table(table, titles) for table in tables),
        *_not_run(result),
    ]


def _overall(result: SuiteResult) -> list[str]:
    helped = [method.title for method in result.methods if standing(result, method.name).better]
    tasks = sum(task.state == "measured" for task in result.tasks)
    if not tasks:
        return []
    if helped:
        return [f"Better than the control on some of {tasks} tasks: {_listed(helped)}."]
    return [f"No method is shown to be better than the control, hard labels alone, on any of {tasks} tasks."]


def _of_method(result: SuiteResult, name: str, title: str) -> str:
    found = standing(result, name)
    tasks = len(found.better) + len(found.worse) + len(found.open)
    if name == result.control or not tasks:
        return ""
    parts = [
        f"better than the control on {_listed(found.better)}" if found.better else "",
        f"worse than the control on {_listed(found.worse)}" if found.worse else "",
        f"not told apart on {len(found.open)} of {tasks}" if found.open else "",
    ]
    return f"{title.capitalize() if title.islower() else title}: {', '.join(part for part in parts if part)}."


def _by_chance(result: SuiteResult) -> list[str]:
    compared = [cell for cell in result.cells if cell.state == "measured" and cell.method != result.control]
    if not compared:
        return []
    apart = sum(cell.figures["minus_control"].side != 0 for cell in compared)
    return [
        f"Of {len(compared)} differences to the control, {apart} leave out zero; if no method made any difference, "
        f"about {_CHANCE * len(compared):.0f} would by chance."
    ]


def _of_table(table: RankTable, titles: dict[str, str]) -> str:
    (best, low), (last, high) = table.ordered[0], table.ordered[-1]
    ranking = table.ranking
    apart = [f"{titles[better]} before {titles[worse]}" for better, worse in table.apart]
    verdict = (
        f"further apart than that: {'; '.join(apart)}"
        if apart
        else "no two methods are further apart than that, so that the order is not demonstrated"
    )
    return (
        f"Over {_listed(table.tasks)}, {len(table.methods)} methods: mean ranks from {low:.2f} ({titles[best]}) to "
        f"{high:.2f} ({titles[last]}), critical difference {ranking.critical_difference:.2f}, Friedman's test "
        f"p {_p(ranking.p_value)}; {verdict}."
    )


def _p(value: float) -> str:
    return f"= {value:.3f}" if value >= _LEAST_P else f"< {_LEAST_P}"


def _not_run(result: SuiteResult) -> list[str]:
    missing = [f"{task.name} ({task.why})" for task in result.tasks if task.state != "measured"]
    failed = [f"{cell.method} on {cell.task} ({cell.why})" for cell in result.cells if cell.state == "failed"]
    return [
        *([f"Not measured: {'; '.join(missing)}."] if missing else []),
        *([f"Failed: {'; '.join(failed)}."] if failed else []),
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
