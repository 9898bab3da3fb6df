"""Two runs side by side: which of their figures may be compared, on what ground, and how far they are apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Evidence, Metric, Subject
from stillroom.validate.metrics import EFFICIENCY, METRICS
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.statistics.mover import difference_interval

Basis = Literal["paired", "unpaired", "exact", "none"]
"""Item by item; by two intervals that do not know of each other; without any spread; not at all."""

_DRAWN_ALIKE = ("bootstrap_repeats", "validation_seed", "token_items", "choice_items", "generation_items")
_COUNTED = frozenset({"parameters", "bytes_on_disk", "prefill_flops", "token_flops", "epsilon"})
_WHOLE_ANSWERS = ("choice", "rouge", "bleu", "exact_match", "attack_success")
_HARDWARE = ("cpu", "cores")


@dataclass(frozen=True)
class Side:
    """A run as it is compared.

    Attributes:
        evidence: what was measured.
        draws: its figures on every resample, as they were kept; empty where they were not.
        machine: facts about the machine it was measured on; empty where they are not known.
    """

    evidence: Evidence
    draws: Mapping[tuple[str, Subject], NDArray[Any]] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)

    def fact(self, name: str) -> str | int | float | None:
        """A fact of the evidence, or None."""
        return (self.evidence.facts or {}).get(name)


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure that both runs have; ``difference`` is the second's minus the first's, None without a basis."""

    first: Metric
    second: Metric
    basis: Basis
    difference: Metric | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two runs have in common, and what only one of them has.

    Attributes:
        shared: figures of both.
        only_first: figures of the first alone.
        only_second: figures of the second alone.
        grounds: in sentences, what could be compared and what not.
    """

    shared: tuple[Compared, ...]
    only_first: tuple[Metric, ...]
    only_second: tuple[Metric, ...]
    grounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Ground:
    """What two runs share."""

    kind: bool
    items: bool
    tokens: bool
    draws: bool
    machine: bool

    @classmethod
    def of(cls, first: Side, second: Side) -> _Ground:
        def same(*names: str) -> bool:
            return all(first.fact(name) == second.fact(name) for name in names)

        def known(name: str) -> bool:
            return first.fact(name) is not None and same(name)

        hardware = [[side.machine.get(name) for name in _HARDWARE] for side in (first, second)]
        return cls(
            kind=same("primary"),
            items=known("items_sha256"),
            tokens=same("tokens_sha256"),
            draws=bool(first.draws and second.draws) and same(*_DRAWN_ALIKE),
            machine=None not in hardware[0] and hardware[0] == hardware[1],
        )

    def basis(self, metric: Metric, *, of_tokens: bool, both_drawn: bool) -> Basis:
        """On what ground a figure is compared."""
        base = metric.name.partition("/")[0]
        if base in _COUNTED:
            return "exact"
        if base in EFFICIENCY:
            return "unpaired" if self.machine and metric.ci_low is not None else "none"
        if not (self.kind and self.items and (self.tokens or not of_tokens)):
            return "none"
        return "paired" if self.draws and both_drawn else "unpaired" if metric.ci_low is not None else "none"


def compare(first: Side, second: Side) -> Comparison:
    """Compare every figure that two runs share.

    Figures on test items are compared where both were measured on the same items, and those of tokens where both read
    the same tokens. If both kept their resamples, and drew them alike, the difference is paired: what makes items hard
    cancels out. Otherwise its interval comes from the two intervals, as if the items were different ones. Sizes are
    counted; times, memory and energy are compared on the same processor alone. Figures that this version does not
    know are left out.

    Args:
        first: a run.
        second: another.
    """
    ground = _Ground.of(first, second)
    ours, theirs = (_known(side.evidence) for side in (first, second))
    language = first.fact("primary") is None
    shared = []
    for key, metric in ours.items():
        if key in theirs:
            drawn = key in first.draws and key in second.draws
            basis = ground.basis(
                metric, of_tokens=language and not _is_of_answers(metric.name), both_drawn=drawn
            )
            apart = _difference(metric, theirs[key], basis, first, second)
            shared.append(Compared(metric, theirs[key], basis, apart))
    return Comparison(
        tuple(shared),
        tuple(metric for key, metric in ours.items() if key not in theirs),
        tuple(metric for key, metric in theirs.items() if key not in ours),
        tuple(_told(ground, language=language)),
    )


def _known(evidence: Evidence) -> dict[tuple[str, Subject], Metric]:
    return {(m.name, m.subject): m for m in evidence.metrics if m.name.partition("/")[0] in METRICS}


def _is_of_answers(name: str) -> bool:
    return any(mark in name for mark in _WHOLE_ANSWERS)


def _difference(a: Metric, b: Metric, basis: Basis, first: Side, second: Side) -> Metric | None:
    if basis == "none":
        return None
    low, high = _ends(a, b, basis, first, second)
    base, slash, part = a.name.partition("/")
    name = f"{base}_minus_first{slash}{part}"
    return Metric(
        name, a.split, a.subject, b.value - a.value, low, high, min(a.n, b.n), a.unit, a.higher_is_better
    )


def _ends(
    a: Metric, b: Metric, basis: Basis, first: Side, second: Side
) -> tuple[float, float] | tuple[None, None]:
    key = a.name, a.subject
    if basis == "paired":
        draws = [np.asarray(side.draws[key], dtype=np.float64) for side in (first, second)]
        return (Estimate(b.value, draws[1], b.n) - Estimate(a.value, draws[0], a.n)).interval()
    if basis == "exact" or a.ci_low is None or a.ci_high is None or b.ci_low is None or b.ci_high is None:
        return None, None
    return difference_interval(b.value, (b.ci_low, b.ci_high), a.value, (a.ci_low, a.ci_high))


def _told(ground: _Ground, *, language: bool) -> Iterator[str]:
    if not ground.kind:
        yield "The runs answer different questions: figures of their answers are not compared."
    elif not ground.items:
        yield "The runs were not measured on the same test items: figures of their answers are not compared."
    elif ground.draws:
        yield "Both runs answered the same test items: differences are paired, item by item, on the same resamples."
    else:
        yield (
            "Both runs answered the same test items, but not both kept the same resamples: differences are unpaired, "
            "and their intervals wider than they need be."
        )
    if language and ground.items and not ground.tokens:
        yield "The runs read texts in different tokens: perplexity and all figures of tokens are not compared."
    yield (
        "Times, memory and energy are compared by the intervals of their repeats; both runs had a processor of the "
        "same kind, but what else it had to do is not known."
        if ground.machine
        else "Times, memory and energy are not compared: it is not known that both runs had the same kind of processor."
    )
