"""The results of a suite as plain data: ``results.json`` is :meth:`SuiteResult.to_dict`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

State = Literal["measured", "not_applicable", "absent", "left_out", "failed"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval, None where it has none."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def side(self) -> int:
        """+1 or −1 where the interval lies wholly above or below zero, else 0.

        >>> Figure(0.2, 0.1, 0.3).side, Figure(-0.2, -0.4, 0.1).side
        (1, 0)
        """
        if self.low is None or self.high is None:
            return 0
        return int(self.low > 0) - int(self.high < 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """One method on one task.

    Attributes:
        task: its name.
        method: its name.
        state: measured, or why it is not.
        why: the reason in a line; empty where it is measured.
        figures: ``figure``, by which it is ranked; ``minus_control``; and others by name.
        by_seed: the figure of each training.
        seconds: of making and measuring the students.
    """

    task: str
    method: str
    state: State
    why: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    by_seed: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it was run.

    Attributes:
        name: of the task.
        area: kind of data.
        figure: what methods are ranked by.
        unit: of the figure.
        higher_is_better: its direction.
        shares: another task whose trainings these are; such a task is not ranked.
        state: whether its data were there.
        why: why not.
        items: examples of each split, and ``groups`` of the test: patients, documents, records.
        teacher: its kind.
        student: its kind.
        sizes: ``teacher_bytes``, ``student_parameters``, ``student_bytes``, and what an answer of the student's bundle
            takes: ``answer_ms``, ``answer_ms_p95``, ``answer_joules_estimated`` or ``_measured``; as far as known.
        teacher_figure: the teacher's.
        fingerprint: of the cohort or corpus.
    """

    name: str
    area: str
    figure: str
    unit: str
    higher_is_better: bool
    shares: str
    state: State
    why: str = ""
    items: Mapping[str, int] = field(default_factory=dict)
    teacher: str = ""
    student: str = ""
    sizes: Mapping[str, float] = field(default_factory=dict)
    teacher_figure: Figure | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class MethodRow:
    """A method as its file says."""

    name: str
    title: str
    what: str
    source: str


@dataclass(frozen=True)
class SuiteResult:
    """Everything that one run of the suite found.

    Attributes:
        suite: name, version, fingerprint, profile, seeds, repeats and reporting rules.
        made: date, machine, software and seconds.
        control: name of the method that the others are held against.
        tasks: every task, absent ones included.
        methods: every method.
        cells: every pair of the two.
    """

    suite: Mapping[str, Any]
    made: Mapping[str, Any]
    control: str
    tasks: tuple[TaskRow, ...]
    methods: tuple[MethodRow, ...]
    cells: tuple[Cell, ...]

    def cell(self, task: str, method: str) -> Cell:
        """The cell of a pair.

        Raises:
            KeyError: there is none.
        """
        for cell in self.cells:
            if (cell.task, cell.method) == (task, method):
                return cell
        raise KeyError(f"no cell of {task!r} and {method!r}")

    def of_method(self, method: str) -> Iterator[tuple[TaskRow, Cell]]:
        """The tasks on which a method was measured, each with its cell."""
        for task in self.tasks:
            if task.state == "measured" and (cell := self.cell(task.name, method)).state == "measured":
                yield task, cell

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`."""
        return cls(
            suite=data["suite"],
            made=data["made"],
            control=data["control"],
            tasks=tuple(
                TaskRow(**{**row, "teacher_figure": _figure(row["teacher_figure"])}) for row in data["tasks"]
            ),
            methods=tuple(MethodRow(**row) for row in data["methods"]),
            cells=tuple(
                Cell(**{**row, "figures": {name: Figure(**of) for name, of in row["figures"].items()}})
                for row in data["cells"]
            ),
        )


def _figure(data: Mapping[str, Any] | None) -> Figure | None:
    return None if data is None else Figure(**data)
