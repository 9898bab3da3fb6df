"""Is an attribution faithful? What becomes of the answer when units are taken away, or given, in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Kept = NDArray[np.bool_]
Scores = Callable[[Kept], Array]
"""The explained probability of each case with some units kept: ``(cases, units)`` → ``(cases,)``."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A probability as units are given or taken in an order.

    Attributes:
        shares: of the units that were given or taken, from 0 to 1, shape ``(points,)``.
        inserted: where units are given to a case without any, ``(cases, points)``.
        deleted: where they are taken from the whole case, ``(cases, points)``.
    """

    shares: Array
    inserted: Array
    deleted: Array

    @property
    def insertion(self) -> Array:
        """Area under the curve of insertion of each case; the higher, the earlier the right units came."""
        return np.asarray(np.trapezoid(self.inserted, self.shares, axis=1))

    @property
    def deletion(self) -> Array:
        """Area under the curve of deletion of each case; the lower, the earlier the right units went."""
        return np.asarray(np.trapezoid(self.deleted, self.shares, axis=1))


def walk(scores: Scores, order: Array, present: Kept, points: int) -> Walk:
    """Give and take units, the first in the order first.

    Args:
        scores: asks the model.
        order: the higher, the sooner, shape ``(cases, units)``.
        present: which units each case has.
        points: steps of about equal size, at most as many as there are units.

    Source: Petsiuk et al. 2018, RISE, arXiv:1806.07421.
    """
    places = np.where(present, -order, np.inf).argsort(axis=1, kind="stable").argsort(axis=1)
    many = present.sum(axis=1)
    shares = np.linspace(0.0, 1.0, min(points, int(many.max())) + 1)
    inserted, deleted = [], []
    for share in shares:
        first = places < np.round(share * many)[:, None]
        inserted.append(scores(first & present))
        deleted.append(scores(~first & present))
    return Walk(shares, np.stack(inserted, axis=1), np.stack(deleted, axis=1))


def random_walks(scores: Scores, present: Kept, points: int, orders: int, seed: int) -> tuple[Array, Array]:
    """Mean areas of insertion and of deletion over orders by chance, ``(cases,)`` each."""
    random = np.random.default_rng([seed, orders])
    walks = [walk(scores, random.random(present.shape), present, points) for _ in range(orders)]
    inserted, deleted = ([getattr(of, area) for of in walks] for area in ("insertion", "deletion"))
    return np.mean(inserted, axis=0), np.mean(deleted, axis=0)
