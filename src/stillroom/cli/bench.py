"""``stillroom bench``: methods compared on fixed tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stillroom.cli.progress import shown_progress
from stillroom.cli.tables import print_table
from stillroom.types.cores import cores

if TYPE_CHECKING:
    from stillroom.recipes.suite.plan import PlannedTask
    from stillroom.validate.suite.results import Cell, SuiteResult, TaskRow

app = typer.Typer(help="Compare methods of distillation on fixed clinical tasks.", no_args_is_help=True)

_EXAMPLE = "stillroom bench clinical --data /data --profile small --dry-run"


@app.callback()
def bench() -> None:
    """Stand before the suites."""


@app.command(epilog=f"Example: {_EXAMPLE}")
def clinical(
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="Holds a folder of each data set.")
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="small: minutes; full: hours.")
    ] = "small",
    tasks: Annotated[
        str, typer.Option("--tasks", metavar="NAME,…", help="Some of the tasks; all by default.")
    ] = "",
    methods: Annotated[
        str,
        typer.Option("--methods", metavar="NAME,…", help="Some methods beside the control; all by default."),
    ] = "",
    method_files: Annotated[
        list[Path] | None,
        typer.Option("--method-file", metavar="FILE", help="A method of your own beside them. Repeatable."),
    ] = None,
    runs: Annotated[Path, typer.Option("--runs", metavar="DIR", help="Where run folders are kept.")] = Path(
        "runs"
    ),
    jobs: Annotated[
        int,
        typer.Option("--jobs", metavar="N", min=0, help="Tasks at a time; 0: one for each core."),
    ] = 0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would run and about how long, and stop.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Run MedDistillBench: every method on every task, with intervals and ranks.

    What is finished is kept: after a kill, the same command goes on where it was. Tasks without data
    are told as absent.
    """
    from stillroom.recipes.suite.bench import FOLDER, run_suite
    from stillroom.recipes.suite.plan import plan_of
    from stillroom.recipes.suite.shipped import load_suite

    suite, folder = (
        load_suite(method_files or ()).narrowed(_words(tasks), _words(methods)),
        runs / FOLDER / profile,
    )
    jobs = jobs or cores()
    if dry_run:
        _print_plan(plan_of(suite, profile, data, folder), jobs)
        return
    with shown_progress() as progress:
        result = run_suite(suite, runs, profile, data=data, jobs=jobs, progress=progress)
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(result, folder)


@app.command(epilog="Example: stillroom bench splits icu-mortality --data /data")
def splits(
    task: Annotated[str, typer.Argument(metavar="TASK", help="A task of the suite.")],
    data: Annotated[
        Path | None, typer.Option("--data", metavar="FOLDER", help="Holds a folder of each data set.")
    ] = None,
    profile: Annotated[str, typer.Option("--profile", metavar="NAME", help="Of the suite.")] = "small",
) -> None:
    """Print the hashes of a task's splits as its file holds them: for whoever adds one."""
    from stillroom.recipes.suite.reading import read_task
    from stillroom.recipes.suite.shipped import load_suite
    from stillroom.recipes.suite.splits import hashes

    suite = load_suite().narrowed([task], [])
    for split, sha256 in hashes(read_task(suite, task, profile, data)).items():
        typer.echo(f"{split}: {sha256}")


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _print_plan(tasks: list[PlannedTask], jobs: int) -> None:
    rows = []
    for task in tasks:
        if task.state != "measured":
            rows.append((task.name, f"{task.state.replace('_', ' ')}: {task.why}", "", ""))
            continue
        cells = [cell for cell in task.cells if cell.recipes]
        finished = sum(cell.done for cell in cells)
        shared = f"; trainings of {task.task.shares}" if task.task.shares else ""
        rows.append(
            (
                task.name,
                f"{len(cells)} methods, {task.students} students to train{shared}",
                str(finished),
                f"{task.seconds / 60:.1f} min",
            )
        )
    print_table(("task", "what would run", "finished", "about"), rows)
    for task in tasks:
        for cell in task.cells:
            if not cell.recipes:
                typer.echo(f"not applicable: {cell.method} on {cell.task}: {cell.why}")
    total = max(sum(task.seconds for task in tasks) / jobs, *(task.seconds for task in tasks)) / 60
    typer.echo(
        f"about {total:.0f} min on {jobs} cores of the machine of docs/benchmark.md; a busy one takes a multiple of it"
    )


def _print(result: SuiteResult, folder: Path) -> None:
    from stillroom.validate.suite.sentences import sentences

    measured = [task for task in result.tasks if task.state == "measured"]
    head = ("method", *(f"{task.name} ({task.figure})" for task in measured))
    print_table(
        head,
        [
            (method.title, *(_figure(task, result.cell(task.name, method.name)) for task in measured))
            for method in result.methods
        ],
    )
    typer.echo("+ and −: better or worse than the control, beyond the interval")
    for sentence in sentences(result):
        typer.echo(sentence)
    typer.echo(f"results: {folder / 'results.html'}, results.json, results.csv")


def _figure(task: TaskRow, cell: Cell) -> str:
    """The figure, and + or − where it is better or worse than the control's beyond its interval."""
    if cell.state != "measured":
        return cell.state.replace("_", " ")
    difference = cell.figures.get("minus_control")
    side = difference.side if difference else 0
    mark = {1: " +", -1: " −", 0: ""}[side if task.higher_is_better else -side]
    return f"{cell.figures['figure'].value:.3f}{mark}"
