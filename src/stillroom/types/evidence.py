"""What may be claimed: metrics with intervals, gates with verdicts, curves and facts.

``evidence.json`` is :meth:`Evidence.to_dict`; every number that a report shows stands in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from numpy.typing import NDArray

Subject = Literal["teacher", "student_untrained", "control", "student", "bundle"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
Verdict = Literal["pass", "fail", "not_demonstrated", "infeasible"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured figure.

    Attributes:
        name: the metric, such as ``perplexity``; ``name/kind`` for a part of the split.
        split: the split it was measured on, or ``""`` where none applies (bytes, parameters).
        subject: who was measured.
        value: the point estimate.
        ci_low: lower end of the 95 % interval, or None where the figure is exact.
        ci_high: upper end of the 95 % interval, or None where the figure is exact.
        n: number of independent units (examples, runs) behind the value.
        unit: unit of the value, ``""`` for a pure number.
        higher_is_better: direction; None where there is none.
        trials: number of independent trials that a rate is a share of, so that its bounds are exact; an effective
            number where trials of one group depend on each other; None for what is no rate.
    """

    name: str
    split: str
    subject: Subject
    value: float
    ci_low: float | None
    ci_high: float | None
    n: int
    unit: str
    higher_is_better: bool | None
    trials: float | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule and its verdict: the figure's worse end (``bound``) is held against the threshold.

    Attributes:
        name: what the rule says.
        metric: the figure.
        subject: whose.
        direction: at_least or at_most the threshold.
        threshold: in the metric's unit.
        value: the figure, or None where it was not measured.
        bound: its worse end, or None.
        verdict: ``pass`` where the worse end meets the threshold, ``fail`` where not even the better end does,
            ``infeasible`` where nothing could, else ``not_demonstrated``.
        tier: the tier that asks for it, or ``""``.
        decides: whether the verdict on the product hangs on it.
        note: why it is as it is, where that does not show from the numbers.
    """

    name: str
    metric: str
    subject: Subject
    direction: Literal["at_least", "at_most"]
    threshold: float
    value: float | None
    bound: float | None
    verdict: Verdict
    tier: str = ""
    decides: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A line to draw: a training loss, or the bins of a reliability diagram."""

    name: str
    subject: Subject
    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    weight: tuple[float, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """All that was measured in one run, and what it is measured against.

    Attributes:
        metrics: the figures.
        gates: rules and their verdicts.
        curves: lines to draw.
        facts: how it was measured.
        draws: by name and subject, a figure on every resample of the test items, so that another run on the same items
            can be compared item by item; kept beside ``evidence.json``, not in it.
    """

    metrics: tuple[Metric, ...]
    gates: tuple[Gate, ...] = ()
    curves: tuple[Curve, ...] = ()
    facts: Mapping[str, str | int | float] | None = None
    draws: Mapping[tuple[str, Subject], NDArray[Any]] = field(default_factory=dict, compare=False, repr=False)

    def value(self, name: str, subject: Subject, split: str = "test") -> Metric:
        """Find one metric.

        Raises:
            KeyError: no metric of that name, subject and split.
        """
        for metric in self.metrics:
            if (metric.name, metric.subject, metric.split) == (name, subject, split):
                return metric
        raise KeyError(f"no metric {name!r} of {subject!r} on split {split!r}")

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return {
            "metrics": [asdict(metric) for metric in self.metrics],
            "gates": [asdict(gate) for gate in self.gates],
            "curves": [asdict(curve) for curve in self.curves],
            "facts": dict(self.facts or {}),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Evidence:
        """Rebuild from :meth:`to_dict`.

        >>> Evidence.from_dict(Evidence(metrics=()).to_dict()).metrics
        ()
        """
        curves = [
            curve | {key: tuple(curve[key]) for key in ("x", "y", "weight")} for curve in data["curves"]
        ]
        return cls(
            metrics=tuple(Metric(**metric) for metric in data["metrics"]),
            gates=tuple(Gate(**gate) for gate in data["gates"]),
            curves=tuple(Curve(**curve) for curve in curves),
            facts=data["facts"],
        )
