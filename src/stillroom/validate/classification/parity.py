"""Does a model that was rounded still decide as it did before?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.validate.statistics.bootstrap import ratio
from stillroom.validate.statistics.mcnemar import McNemar, mcnemar
from stillroom.validate.statistics.measures import Draw, Summed

LEVEL = 0.05
"""Below this p-value the rounded model errs more often than by chance."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How decisions changed.

    Attributes:
        recall: of each class, after minus before: the change and its 95 % interval over groups.
        test: McNemar's on right decisions, ``only_first`` of the model before; None where groups have several items.
        largest_loss: recall that a class may lose.
    """

    recall: Mapping[str, tuple[float, float, float]]
    test: McNemar | None
    largest_loss: float

    @property
    def holds(self) -> bool:
        """Whether no class's interval reaches below the loss that is allowed, and errors are not more frequent."""
        kept = all(low >= -self.largest_loss for _, low, _ in self.recall.values())
        worse = self.test is not None and self.test.only_first > self.test.only_second
        return kept and not (worse and self.test is not None and self.test.mid_p < LEVEL)


def parity(
    before: NDArray[Any],
    after: NDArray[Any],
    truth: NDArray[Any],
    groups: Sequence[str],
    classes: Sequence[str],
    *,
    largest_loss: float,
    repeats: int,
    seed: int,
) -> Parity:
    """Compare the decisions of a model before and after a change, class by class.

    Args:
        before: class numbers that were decided, ``(items,)`` or ``(items, *positions)``.
        after: the same of the changed model.
        truth: what is true; negative where it is not known.
        groups: patient of each item.
        classes: their names; a class without an item is left out.
        largest_loss: recall that a class may lose, its interval included.
        repeats: draws of each interval.
        seed: of the draws.

    >>> truth = np.array([0, 0, 1, 1])
    >>> names = ["a", "b", "c", "d"]
    >>> same = parity(truth, truth, truth, names, ("well", "ill"), largest_loss=0.0, repeats=100, seed=0)
    >>> same.holds, same.recall["ill"]
    (True, (0.0, 0.0, 0.0))
    """
    rows = len(groups)
    asked, earlier, later = (values.reshape(rows, -1) for values in (truth, before, after))
    draw = Draw.of(groups, repeats, seed)
    recall = {}
    for number, name in enumerate(classes):
        of_class = asked == number
        if not of_class.any():
            continue
        estimates = [
            Summed(
                "recall",
                np.stack([(of_class & (said == number)).sum(1), of_class.sum(1)], 1).astype(np.float64),
                ratio,
                "free",
            ).estimate(draw)
            for said in (later, earlier)
        ]
        change = estimates[0] - estimates[1]
        recall[name] = (change.value, *change.interval())
    single = asked.shape[1] == 1 and len(set(groups)) == rows and (asked >= 0).all()
    right = [(said == asked)[:, 0].astype(np.float64) for said in (earlier, later)]
    return Parity(recall, mcnemar(*right) if single else None, largest_loss)
