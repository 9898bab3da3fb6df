"""Classifiers of one training or of several, on the same items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.validate.classification.cases import Cases, within
from stillroom.validate.classification.measures import measures_of, measures_of_whole
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.classification.thresholds import Thresholds
from stillroom.validate.seeds import Trained, first_alike
from stillroom.validate.statistics.measures import Measure


@dataclass(frozen=True)
class Trainings:
    """What was said, how it is decided, and what is measured of it.

    Attributes:
        given: by seed, what each subject said of the items.
        thresholds: by seed, those of each subject.
        settings: names of the classes, and how much is measured.
    """

    given: Mapping[int, Cases]
    thresholds: Mapping[int, Thresholds]
    settings: ClassificationSettings

    @cached_property
    def items(self) -> int:
        """How many there are."""
        return len(next(iter(self.given.values())).truth)

    @cached_property
    def first(self) -> Mapping[Trained, Trained]:
        """Of each subject of each seed, the first seed in which it says and decides the same."""
        said = {
            seed: {who: (of, limits.get(who)) for who, of in given.probabilities.items()}
            for seed, given in self.given.items()
            for limits in [self.thresholds.get(seed, {})]
        }
        return first_alike(said, _alike)

    @property
    def distinct(self) -> list[Trained]:
        """Who is measured: nobody twice."""
        return list(dict.fromkeys(self.first.values()))

    def measures(self, inside: NDArray[np.bool_], trained: Trained) -> Iterator[Measure]:
        """The measures of a subject of a seed on some items."""
        return measures_of(*self._of(inside, trained))

    def measures_of_whole(self, inside: NDArray[np.bool_], trained: Trained) -> Iterator[Measure]:
        """Those of them that speak of no one class."""
        return measures_of_whole(*self._of(inside, trained))

    def _of(
        self, inside: NDArray[np.bool_], trained: Trained
    ) -> tuple[Cases, Subject, ClassificationSettings, Thresholds | None]:
        seed, subject = trained
        return within(self.given[seed], inside), subject, self.settings, self.thresholds.get(seed)


def _alike(ours: tuple[Any, Any], theirs: tuple[Any, Any]) -> bool:
    return all(map(np.array_equal, ours, theirs))
