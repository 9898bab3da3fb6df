"""The live view of a terminal: a bar for each task and, while a model trains, its figures beside its loss."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.table import Column, Table
from rich.text import Text

from stillroom.cli.figures import is_training, label, parts, value
from stillroom.cli.plot import curve
from stillroom.train.watch import SKIPPED

_PLOT_WIDTH, _PLOT_HEIGHT, _NARROW = 48, 8, 84
_PERIOD_SECONDS = 600.0


@dataclass
class Training:
    """What is known of the training under way.

    Attributes:
        task: its name.
        step: steps done.
        steps: steps in all.
        now: the latest of every figure, an evaluation's until the next.
        losses: the loss of every step that had one.
        skipped: steps that were left out.
    """

    task: str
    step: int = 0
    steps: int = 0
    now: dict[str, float] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    skipped: int = 0

    def add(self, step: int, steps: int, figures: Mapping[str, float]) -> None:
        """Take in a step."""
        self.step, self.steps = step, steps
        self.now |= {name: number for name, number in figures.items() if name != SKIPPED}
        self.skipped += SKIPPED in figures
        if math.isfinite(figures.get("loss", math.nan)):
            self.losses.append(figures["loss"])


class View:
    """Receives progress and draws itself; give it to :class:`rich.live.Live`.

    Args:
        memory_bytes: tells the memory of this process.
        say: writes a line that stays, above the view.
    """

    def __init__(self, memory_bytes: Callable[[], int], say: Callable[[Text], object]) -> None:
        self._memory_bytes, self._say = memory_bytes, say
        self._bars = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            # The last column takes what the others leave, and is cut where that is too little.
            TextColumn(
                "{task.fields[told]}",
                markup=False,
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            speed_estimate_period=_PERIOD_SECONDS,
            expand=True,
        )
        self._ids: dict[str, TaskID] = {}
        self._training: Training | None = None
        self._drawing = Lock()

    def __call__(self, task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        """Take in how far a task is."""
        figures = figures or {}
        trains = is_training(figures)
        if task not in self._ids:
            self._ids[task] = self._bars.add_task(task, total=total, completed=done, told="")
        # A training's figures have a place of their own until it is done.
        told = "" if trains and done < total else _last_words(figures)
        self._bars.update(self._ids[task], completed=done, total=total, told=told)
        with self._drawing:
            if trains and done < total:
                self._train(task, done, total, figures)
            elif self._training is not None and (trains or self._training.task != task):
                self._training = None
        if SKIPPED in figures:
            line = f"{task}: step {done} was left out, its loss or gradient is not finite"
            self._say(Text(line, style="bold red"))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw bars and panel as wide as the terminal allows."""
        yield self._bars.get_renderable()
        with self._drawing:
            if self._training is not None:
                yield _panel(self._training, self._memory_bytes(), options.max_width)

    def _train(self, task: str, done: int, total: int, figures: Mapping[str, float]) -> None:
        if self._training is None or self._training.task != task:
            self._training = Training(task)
        self._training.add(done, total, figures)


def _last_words(figures: Mapping[str, float]) -> str:
    told = ("loss", "validation_loss", "tokens_per_second", "rows_per_second", "left_out")
    return " | ".join(parts({name: figures[name] for name in told if name in figures}))


def _panel(training: Training, memory_bytes: int, width: int) -> Panel:
    title = Text(f"{training.task} · step {training.step:,} of {training.steps:,}")
    if width < _NARROW:
        (line,) = curve(training.losses, max(1, width - 6), 1)
        return Panel(Group(_figures(training, memory_bytes), Text(line)), title=title, expand=False)
    sides = Table.grid(padding=(0, 3))
    sides.add_row(_figures(training, memory_bytes), _plot(training.losses))
    return Panel(sides, title=title, title_align="left", expand=False)


def _figures(training: Training, memory_bytes: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name, number in training.now.items():
        if name == "tokens_per_second":
            table.add_row("tok/s", f"{number:,.0f}")
        else:
            table.add_row(Text(label(name)), value(name, number))
    table.add_row("Memory", f"{memory_bytes / 2**30:.2f} GiB")
    if training.skipped:
        table.add_row(Text("skipped", style="bold red"), Text(f"{training.skipped}", style="bold red"))
    return table


def _plot(losses: list[float]) -> Table:
    """The loss of the steps seen, on a logarithmic scale, between its largest and smallest."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right")
    top, bottom = (f"{limit(losses):.3f}" if losses else "" for limit in (max, min))
    for row, line in enumerate(curve(losses, _PLOT_WIDTH, _PLOT_HEIGHT)):
        grid.add_row({0: top, _PLOT_HEIGHT - 1: bottom}.get(row, ""), Text(line, style="cyan"))
    grid.add_row("", Text(f"loss of {len(losses):,} steps, log scale", style="dim"))
    return grid
