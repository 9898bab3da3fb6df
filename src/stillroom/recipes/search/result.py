"""What a search found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Budget:
    """What a student may cost on this machine; None: anything."""

    answer_ms: float | None = None
    memory_mib: float | None = None


ANYTHING = Budget()


@dataclass(frozen=True, slots=True)
class Tried:
    """One student.

    Attributes:
        number: of the trial.
        values: each searched key with its value.
        loss: the task's loss on validation data, nats per position; None where it was not trained.
        answer_ms: median time of an answer; None where it could not be built.
        memory_mib: memory of an answer.
        parameters: weights.
        reason: why it was not trained, or ``""``.
    """

    number: int
    values: Mapping[str, str]
    loss: float | None = None
    answer_ms: float | None = None
    memory_mib: float | None = None
    parameters: int | None = None
    reason: str = ""

    @property
    def figures(self) -> tuple[float, ...]:
        """What is to be small: loss, time, memory."""
        assert self.loss is not None
        assert self.answer_ms is not None
        assert self.memory_mib is not None
        return self.loss, self.answer_ms, self.memory_mib


@dataclass(frozen=True, slots=True)
class Search:
    """All trials, in their order.

    Attributes:
        name: of the recipe.
        folder: where the search lies; run again, it goes on.
        budget: what a student may cost.
        tried: the students.
    """

    name: str
    folder: Path
    budget: Budget
    tried: tuple[Tried, ...]

    @property
    def front(self) -> tuple[Tried, ...]:
        """Trained students that none is better than in loss, time and memory at once, the lowest loss first."""
        trained = [one for one in self.tried if one.loss is not None]
        best = [one for one in trained if not any(_beats(other, one) for other in trained)]
        return tuple(sorted(best, key=lambda one: one.figures))

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return {
            "split": "validation",
            "to_be_small": ["loss", "answer_ms", "memory_mib"],
            "budget": {"answer_ms": self.budget.answer_ms, "memory_mib": self.budget.memory_mib},
            "front": [one.number for one in self.front],
            "tried": [
                {
                    "number": one.number,
                    "values": dict(one.values),
                    "loss": one.loss,
                    "answer_ms": one.answer_ms,
                    "memory_mib": one.memory_mib,
                    "parameters": one.parameters,
                    "reason": one.reason,
                }
                for one in self.tried
            ],
        }


def over_budget(answer_ms: float, memory_mib: float, budget: Budget) -> str:
    """Say what is over the budget, or ``""``.

    >>> over_budget(2.5, 10.0, Budget(answer_ms=2.0))
    '2.5 ms, above 2 ms'
    """
    told = []
    if budget.answer_ms is not None and answer_ms > budget.answer_ms:
        told.append(f"{answer_ms:.3g} ms, above {budget.answer_ms:g} ms")
    if budget.memory_mib is not None and memory_mib > budget.memory_mib:
        told.append(f"{memory_mib:.3g} MiB, above {budget.memory_mib:g} MiB")
    return "; ".join(told)


def _beats(one: Tried, other: Tried) -> bool:
    pairs: Sequence[tuple[float, float]] = list(zip(one.figures, other.figures, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
