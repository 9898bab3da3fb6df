"""A small made cohort: two descriptors and a series of which the second channel tells the class."""

from __future__ import annotations

import numpy as np

from stillroom.types import Source
from stillroom.types.cases import Case, Cohort, Head

SOURCE = Source("made", "1", "CC0-1.0", "", "")


def made_case(number: int, *, hours: int = 6, known: bool = True) -> Case:
    """A case whose class is the sign of a trend, with gaps."""
    random = np.random.default_rng([7, number])
    ill = number % 2
    series = random.normal(size=(hours, 3)).astype(np.float32)
    series[:, 1] += (2 * ill - 1) * np.linspace(0.5, 2.0, hours, dtype=np.float32)
    series[random.random(series.shape) < 0.3] = np.nan
    static = random.normal(size=2).astype(np.float32)
    return Case(
        id=f"made/{number}",
        group=f"patient {number}",
        inputs={"series": series, "static": static},
        target=np.asarray(ill if known else -1, dtype=np.int64),
        keys={"sex": "female" if number % 3 else "male"},
        focus=np.eye(hours, dtype=np.float32)[number % hours],
    )


def made_cohort(train: int = 60, others: int = 20) -> Cohort:
    """Cases in three splits."""
    numbers = iter(range(train + 2 * others))
    return Cohort(
        name="made",
        sources=(SOURCE,),
        head=Head("classes", ("well", "ill")),
        channels={"series": ("a", "b", "c"), "static": ("d", "e")},
        splits={
            "train": tuple(made_case(next(numbers)) for _ in range(train)),
            "validation": tuple(made_case(next(numbers)) for _ in range(others)),
            "test": tuple(made_case(next(numbers)) for _ in range(others)),
        },
        dropped={"no measurement": 1},
        mended={},
        split_rule="by number",
    )
