"""A model that can be asked why, about the cases it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Outputs = NDArray[np.int64]
"""Number of the output that is explained of each case."""


@dataclass(frozen=True, slots=True)
class Attributed:
    """How much each unit speaks for the explained output.

    Attributes:
        values: shape ``(cases, units)``; 0 where a case lacks a unit.
        change: what a complete attribution of the case adds up to, ``(cases,)``; None of a method that promises none.
    """

    values: Array
    change: Array | None


class Explainer(Protocol):
    """Explains outputs of a model on cases that it holds.

    Attributes:
        units: names of what its attributions speak of; two explainers with the same can be compared.
        present: which units each case has, shape ``(cases, units)``.
    """

    units: tuple[str, ...]
    present: NDArray[np.bool_]

    def attributed(self, outputs: Outputs) -> Attributed:
        """Attribute an output of each case to its units."""

    def scores(self, outputs: Outputs, kept: NDArray[np.bool_]) -> Array:
        """Probability of the output where only some units are as they are, ``(cases,)``; the others at their mean.

        Args:
            outputs: of each case.
            kept: which units are as they are, shape ``(cases, units)``.
        """

    def attention(self) -> dict[str, Array]:
        """Attention over keys, by name, ``(cases, keys)``: the mean over heads and queries; empty where it has none."""


class Committee:
    """Several members heard as one: the mean of their attributions, and of their probabilities.

    Args:
        members: of the same units.
    """

    def __init__(self, members: Sequence[Explainer]) -> None:
        self._members = members
        self.units, self.present = members[0].units, members[0].present

    def attributed(self, outputs: Outputs) -> Attributed:
        """Mean over the members."""
        found = [member.attributed(outputs) for member in self._members]
        changes = [of.change for of in found if of.change is not None]
        change = np.mean(changes, axis=0) if len(changes) == len(found) else None
        return Attributed(np.mean([of.values for of in found], axis=0), change)

    def scores(self, outputs: Outputs, kept: NDArray[np.bool_]) -> Array:
        """Mean over the members."""
        return np.asarray(np.mean([member.scores(outputs, kept) for member in self._members], axis=0))

    def attention(self) -> dict[str, Array]:
        """Mean over the members."""
        maps = [member.attention() for member in self._members]
        return {name: np.mean([of[name] for of in maps], axis=0) for name in maps[0]}


class Remembered:
    """An explainer that answers equal questions once: a teacher, which is asked beside the students of every seed.

    Args:
        explainer: who is asked.
    """

    def __init__(self, explainer: Explainer) -> None:
        self._explainer = explainer
        self._scores: dict[bytes, Array] = {}
        self._attributed: dict[bytes, Attributed] = {}
        self.units, self.present = explainer.units, explainer.present

    def attributed(self, outputs: Outputs) -> Attributed:
        """As the explainer does."""
        question = outputs.tobytes()
        if question not in self._attributed:
            self._attributed[question] = self._explainer.attributed(outputs)
        return self._attributed[question]

    def scores(self, outputs: Outputs, kept: NDArray[np.bool_]) -> Array:
        """As the explainer does."""
        question = sha256(outputs.tobytes() + np.packbits(kept).tobytes()).digest()
        if question not in self._scores:
            self._scores[question] = self._explainer.scores(outputs, kept)
        return self._scores[question]

    def attention(self) -> dict[str, Array]:
        """As the explainer has it."""
        return self._explainer.attention()
