"""Write ``docs/benchmark.md`` from ``docs/benchmark.json``, the results of a run.

``python docs/benchmark.py runs/clinical/small/results.json "a note on the machine"`` takes a new run over.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from stillroom.report.suite import answer, number, sizes, spoken, told
from stillroom.validate.suite.ranking import rank_tables, standing
from stillroom.validate.suite.results import SuiteResult
from stillroom.validate.suite.sentences import sentences

PAGE = Path(__file__).with_name("benchmark.md")
RESULTS = Path(__file__).with_name("benchmark.json")
HEAD = """# MedDistillBench

    stillroom bench clinical --data FOLDER --dry-run
    stillroom bench clinical --data FOLDER

*Written by `python docs/benchmark.py` from `docs/benchmark.json`, the results of one run.*

`FOLDER` holds a folder of each data set, named as in the recipes (`stillroom recipes show icu-mortality`). Results lie
in `runs/clinical/small/`: `results.html` for readers, `results.json` with everything, `results.csv` with a row for each
cell. After a kill, the same command goes on where it was. As many tasks are taught at a time as there are cores
(`--jobs`), each on its own. `--profile full` takes the recipes' own budgets and five
seeds, and adds language models; it takes hours. `--method-file mine.yaml` puts a method of your own beside the others
(`CONTRIBUTING.md`, *A method of the benchmark*).
"""


def render() -> str:
    """The whole page."""
    result = SuiteResult.from_dict(json.loads(RESULTS.read_text(encoding="utf-8")))
    return "\n".join(_lines(result)).rstrip("\n") + "\n"


def _lines(result: SuiteResult) -> Iterator[str]:
    yield HEAD
    yield "## What it came to\n"
    yield _made(result)
    yield from (f"- {sentence}" for sentence in sentences(result))
    if result.suite["profile"] == "small":
        yield "\nThe small profile trains briefly; what holds here need not hold at the recipes' own budgets."
    yield ""
    yield from _figures(result)
    yield from _ranks(result)
    yield from _techniques(result)
    yield from _tasks(result)
    yield "## Rules\n"
    yield from (f"- {rule}" for rule in result.suite["reporting"])


def _made(result: SuiteResult) -> str:
    machine, suite = result.made["machine"], result.suite
    return (
        f"{suite['name']} {suite['version']}, profile {suite['profile']}, on {result.made['date']}: "
        f"{machine['cpu']}, {machine['cores']} cores, {result.made.get('jobs', 1)} of them used; seeds "
        f"{', '.join(map(str, suite['seeds']))}; {suite['repeats']} resamples. {result.made.get('note', '')}\n"
    )


def _figures(result: SuiteResult) -> Iterator[str]:
    for task in result.tasks:
        if task.state != "measured":
            continue
        better = "more" if task.higher_is_better else "less"
        yield f"## {task.name}\n"
        groups, items = task.items["groups"], task.items["test"]
        yield f"{task.figure}, {better} is better; {items:,} test items of {groups:,} groups.\n"
        rows = [("teacher", spoken(task.teacher_figure), "", "", "")]
        for method in result.methods:
            cell = result.cell(task.name, method.name)
            if cell.state != "measured":
                rows.append((method.title, told(cell), "", "", ""))
                continue
            difference = (
                "" if method.name == result.control else spoken(cell.figures["minus_control"], signed=True)
            )
            seeds = ", ".join(f"{value:.3f}" for value in cell.by_seed.values())
            rows.append(
                (
                    method.title,
                    spoken(cell.figures["figure"]),
                    difference,
                    number(cell.figures.get("retention")),
                    seeds,
                )
            )
        yield from _table(("method", task.figure, "minus control", "share of the teacher's", "by seed"), rows)


def _ranks(result: SuiteResult) -> Iterator[str]:
    titles = {method.name: method.title for method in result.methods}
    yield "## Mean ranks\n"
    for table in rank_tables(result):
        ranks = [f"{titles[name]} {rank:.2f}" for name, rank in table.ordered]
        difference = f"critical difference {table.ranking.critical_difference:.2f}"
        yield f"- {', '.join(table.tasks)}: {'; '.join(ranks)} ({difference})"
    yield ""


def _techniques(result: SuiteResult) -> Iterator[str]:
    yield "## Techniques compared\n"
    rows = []
    for method in result.methods:
        of = standing(result, method.name)
        counts = [str(len(names)) for names in (of.better, of.open, of.worse)]
        tasks = str(sum(map(int, counts)))
        rows.append(
            (
                method.title,
                method.what,
                tasks,
                *(counts if method.name != result.control else [""] * 3),
                method.source,
            )
        )
    yield from _table(
        ("method", "what it transfers", "tasks", "better", "not told apart", "worse", "source"), rows
    )


def _tasks(result: SuiteResult) -> Iterator[str]:
    yield "## Teachers and students\n"
    rows = [
        (
            task.name,
            task.area,
            f"{task.teacher} → {task.student}",
            sizes(task),
            answer(task),
            " / ".join(f"{task.items[split]:,}" for split in ("train", "validation", "test")),
            _best(result, task.name),
        )
        if task.state == "measured"
        else (task.name, task.area, f"not measured: {task.why}", "", "", "", "")
        for task in result.tasks
    ]
    head = (
        "task",
        "area",
        "teacher → student",
        "size",
        "an answer on one core",
        "items",
        "share of the teacher's",
    )
    yield from _table(head, rows)


def _best(result: SuiteResult, task: str) -> str:
    """The range over methods, the control included; no method is picked by the test."""
    kept = [
        cell.figures["retention"].value
        for cell in result.cells
        if cell.task == task and "retention" in cell.figures
    ]
    return f"{min(kept):.3f} to {max(kept):.3f}" if kept else ""


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def take_over(results: Path, note: str = "") -> None:
    """Keep the results of a run as those of the page."""
    data = json.loads(results.read_text(encoding="utf-8"))
    data["made"] |= {"note": note, "software": {}}
    RESULTS.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        take_over(Path(sys.argv[1]), *sys.argv[2:3])
    PAGE.write_text(render(), encoding="utf-8")
