"""The suite, run from beginning to end: cells that are kept, results in three forms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.machine import machine, versions
from stillroom.recipes.schema import Recipe
from stillroom.recipes.suite.bedside import run_bedside_cell
from stillroom.recipes.suite.clock import Clock, SuiteClock
from stillroom.recipes.suite.found import FIGURE, Found
from stillroom.recipes.suite.language import run_language_cell
from stillroom.recipes.suite.plan import PlannedCell, PlannedTask, plan_of
from stillroom.recipes.suite.shipped import Suite
from stillroom.recipes.suite.side_by_side import side_by_side
from stillroom.recipes.suite.splits import verify
from stillroom.recipes.suite.tables import write_results
from stillroom.recipes.sweeps.sharing import SharedRuns
from stillroom.types import Corpus, DataError, Progress, TrainError, silent
from stillroom.types.cases import Cohort
from stillroom.validate.suite.results import Cell, MethodRow, SuiteResult, TaskRow

FOLDER = "clinical"


def run_suite(
    suite: Suite,
    runs_dir: Path,
    profile: str,
    *,
    data: Path | None = None,
    jobs: int = 1,
    progress: Progress = silent,
) -> SuiteResult:
    """Run every method on every task, and write ``results.json``, ``.csv`` and ``.html`` into the suite's folder.

    A cell is the run of a recipe, whose stages are kept by content: after a kill the same command goes on where it was,
    and a method that is added later costs its own students alone. A training that fails is told; all else goes on.

    Args:
        suite: tasks and methods.
        runs_dir: the runs go to ``runs_dir / "clinical" / profile / task / method``.
        profile: how much of every task.
        data: folder that holds a folder of each data set; None: as the recipes say.
        jobs: tasks at a time, each in a process of its own; those that share trainings take turns. Figures do not
            depend on it; answers are timed beside the other tasks.
        progress: is told how far it is; its units are guessed seconds.

    Raises:
        DataError: no task has its data, or a split is not the suite's.
        StillroomError: one clear line; everything that was finished is kept.
    """
    folder = runs_dir / FOLDER / profile
    planned = plan_of(suite, profile, data, folder)
    if not any(task.state == "measured" for task in planned):
        raise DataError(
            "; ".join(f"{task.name}: {task.why}" for task in planned[:2]),
            f"the data of one of {len(planned)} tasks at least",
            "name their folder with --data; --dry-run lists what is missing",
        )
    clock = SuiteClock(sum(task.seconds for task in planned), progress)
    clock(0.0)
    found = side_by_side(partial(_run_group, suite, profile), _groups(planned), jobs, clock)
    by_name = {row.name: (row, of_task) for group in found for row, of_task in group}
    rows = [by_name[task.name][0] for task in planned]
    cells = [cell for task in planned for cell in by_name[task.name][1]]
    methods = [MethodRow(name, m.title, m.what, m.source) for name, m in suite.methods.items()]
    result = SuiteResult(
        _about(suite, profile),
        _made(cells, jobs),
        suite.rules.control,
        tuple(rows),
        tuple(methods),
        tuple(cells),
    )
    write_results(result, folder)
    return result


def _groups(planned: Sequence[PlannedTask]) -> list[list[PlannedTask]]:
    """Tasks that share trainings together, the longest group first."""
    groups: dict[Path | str, list[PlannedTask]] = {}
    for task in planned:
        groups.setdefault(task.place if task.state == "measured" else task.name, []).append(task)
    return sorted(groups.values(), key=lambda group: -sum(task.seconds for task in group))


def _run_group(
    suite: Suite, profile: str, group: Sequence[PlannedTask], clock: Clock
) -> list[tuple[TaskRow, list[Cell]]]:
    return [_run_task(suite, task, profile, clock) for task in group]


def _run_task(suite: Suite, planned: PlannedTask, profile: str, clock: Clock) -> tuple[TaskRow, list[Cell]]:
    if planned.state != "measured":
        cells = [Cell(planned.name, name, planned.state, planned.why) for name in suite.methods]
        return _row(planned, None), cells
    known = {planned.place / of.name: of for cell in planned.cells for of in cell.recipes.values()}
    runs = SharedRuns(planned.place, known)
    founds: dict[str, Found] = {}
    cells = []
    for cell in planned.cells:
        if not cell.recipes:
            cells.append(Cell(cell.task, cell.method, "not_applicable", cell.why))
            continue
        try:
            deploy = not founds and planned.task.profiles[profile].deploy
            found = _run_cell(planned, cell, profile, runs, clock.progress, deploy=deploy)
        except TrainError as error:
            cells.append(Cell(cell.task, cell.method, "failed", str(error)))
            continue
        finally:
            clock(cell.seconds)
        founds[cell.method] = found
        cells.append(_measured(cell.task, cell.method, found))
    return _row(planned, next(iter(founds.values()), None)), [*_control(suite, planned, founds), *cells]


def _run_cell(
    planned: PlannedTask,
    cell: PlannedCell,
    profile: str,
    runs: SharedRuns,
    progress: Progress,
    *,
    deploy: bool,
) -> Found:
    wanted = planned.task.profiles[profile].splits

    def check(of: Cohort | Corpus) -> None:
        verify(planned.name, of, wanted)

    first = next(iter(cell.recipes.values()))
    if isinstance(first, BedsideRecipe):
        return run_bedside_cell(
            first, runs.opened(first), planned.task.figure, check, progress, deploy=deploy
        )
    recipes = {seed: recipe for seed, recipe in cell.recipes.items() if isinstance(recipe, Recipe)}
    return run_language_cell(recipes, runs, planned.task.figure, check, progress)


def _measured(task: str, method: str, found: Found) -> Cell:
    seconds = float(found.facts["seconds"])
    return Cell(task, method, "measured", "", found.figures, found.by_seed, round(seconds, 1))


def _control(suite: Suite, planned: PlannedTask, founds: Mapping[str, Found]) -> Iterator[Cell]:
    """The control is trained by the run of any other method, and is the same in all."""
    name = suite.rules.control
    if not founds:
        yield Cell(planned.name, name, "not_applicable", "no method was run beside it")
        return
    found = next(iter(founds.values()))
    yield Cell(planned.name, name, "measured", "", found.control, found.control_by_seed)


def _row(planned: PlannedTask, found: Found | None) -> TaskRow:
    task = planned.task
    told: dict[str, Any] = {}
    if found is not None:
        names = ("items", "teacher", "student", "sizes", "fingerprint")
        told = {name: found.facts[name] for name in names} | {"teacher_figure": found.teacher}
    return TaskRow(
        name=planned.name,
        area=task.area,
        figure=task.figure,
        unit=found.unit if found else "",
        higher_is_better=found.higher_is_better if found else True,
        shares=task.shares,
        state=planned.state,
        why=planned.why,
        **told,
    )


def _about(suite: Suite, profile: str) -> dict[str, Any]:
    return {
        "name": suite.rules.name,
        "version": suite.rules.version,
        "fingerprint": suite.fingerprint,
        "profile": profile,
        "seeds": list(suite.rules.seeds[profile]),
        "repeats": suite.rules.repeats[profile],
        "ranked_by": FIGURE,
        "reporting": list(suite.rules.reporting),
    }


def _made(cells: list[Cell], jobs: int) -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "software": versions(),
        "jobs": jobs,
        "student_seconds": round(sum(cell.seconds for cell in cells), 1),
    }
