"""The plan of a run: memory, time and disk of every stage on a given machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from stillroom.recipes.planning.hardware import Hardware
from stillroom.recipes.planning.stages import TRAINING, Need, needs
from stillroom.recipes.planning.subjects import Subjects, subjects
from stillroom.recipes.planning.weights import FLOAT32
from stillroom.recipes.planning.workload import Rows, assumed_rows
from stillroom.recipes.schema import Recipe


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What a stage will need.

    Attributes:
        name: the stage.
        host: main memory at the peak, by part, in bytes.
        device: memory of an accelerator at the peak, by part; empty where none is used.
        seconds: wall time.
        disk_bytes: what it leaves in the run's folder.
        fits: whether both memories are large enough.
    """

    name: str
    host: Mapping[str, int]
    device: Mapping[str, int]
    seconds: float
    disk_bytes: int
    fits: bool

    @property
    def host_bytes(self) -> int:
        """Main memory at the peak."""
        return sum(self.host.values())

    @property
    def device_bytes(self) -> int:
        """Memory of an accelerator at the peak."""
        return sum(self.device.values())


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe on a machine.

    Attributes:
        hardware: the machine.
        subjects: teacher and student.
        stages: in order.
        rows_measured: whether the rows are the corpus' own; otherwise the figures are an upper bound.
    """

    hardware: Hardware
    subjects: Subjects
    stages: tuple[StagePlan, ...]
    rows_measured: bool

    @property
    def seconds(self) -> float:
        """Wall time of all stages."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def peak_bytes(self) -> int:
        """Main memory at the peak of a run in one process.

        A processor's heap keeps what a training freed, and the teacher that the next stages read lies mapped beside it.
        """
        largest = max(stage.host_bytes for stage in self.stages)
        if self.hardware.devices:
            return largest
        trained = max(stage.host_bytes for stage in self.stages if stage.name in TRAINING)
        return max(largest, trained + FLOAT32 * self.subjects.teacher.architecture.linear_weights)

    @property
    def disk_bytes(self) -> int:
        """Size of the run's folder."""
        return sum(stage.disk_bytes for stage in self.stages)

    @property
    def fits(self) -> bool:
        """Whether every stage fits, each in a process of its own."""
        return all(stage.fits for stage in self.stages)

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        who = self.subjects
        return {
            "hardware": self.hardware.to_dict(),
            "teacher": {"name": who.teacher.name, "parameters": who.teacher.architecture.parameters},
            "student": {"name": who.student.name, "parameters": who.student_shape.parameters},
            "rows_measured": self.rows_measured,
            "seconds": self.seconds,
            "peak_bytes": self.peak_bytes,
            "disk_bytes": self.disk_bytes,
            "fits": self.fits,
            "stages": [asdict(stage) for stage in self.stages],
        }


def plan(recipe: Recipe, hardware: Hardware, rows: Rows | None = None) -> Plan:
    """Predict what a recipe needs. Nothing is loaded and nothing runs.

    Args:
        recipe: what would run.
        hardware: where.
        rows: the rows of its corpus; assumed to be as long as they may be where they are not known.

    Raises:
        ModelError: a model whose shape is not known.
        RecipeError: teacher and student do not go together.
    """
    rows = rows or assumed_rows(recipe)
    who = subjects(recipe)
    stages = tuple(_planned(need, hardware) for need in needs(recipe, who, hardware, rows))
    return Plan(hardware, who, stages, rows.measured)


def _planned(need: Need, hardware: Hardware) -> StagePlan:
    fits = sum(need.host.values()) <= hardware.memory_bytes
    if need.device:
        fits = fits and sum(need.device.values()) <= hardware.device_memory_bytes
    seconds = need.work.seconds(hardware, half=need.half)
    return StagePlan(need.name, need.host, need.device, seconds, need.disk_bytes, fits)
