from __future__ import annotations

import numpy as np
import pytest

from stillroom.validate.statistics.mover import difference_interval


@pytest.mark.parametrize(
    ("first", "ends", "second", "other_ends", "low", "high"),
    [
        # Newcombe 1998, table II, method 10: 56/70 and 48/80; 9/10 and 3/10; 10/10 and 0/10.
        (56 / 70, (0.6918, 0.8769), 48 / 80, (0.4905, 0.7003), 0.0524, 0.3339),
        (9 / 10, (0.5958, 0.9821), 3 / 10, (0.1078, 0.6032), 0.1705, 0.8090),
        (1.0, (0.7225, 1.0), 0.0, (0.0, 0.2775), 0.6075, 1.0),
    ],
)
def test_it_is_newcombes_published_interval(
    first: float,
    ends: tuple[float, float],
    second: float,
    other_ends: tuple[float, float],
    low: float,
    high: float,
) -> None:
    assert difference_interval(first, ends, second, other_ends) == pytest.approx((low, high), abs=3e-4)


def test_of_symmetric_intervals_it_is_that_of_independent_normals() -> None:
    found = difference_interval(5.0, (2.0, 8.0), 1.0, (-3.0, 5.0))
    assert found == pytest.approx((4.0 - 5.0, 4.0 + 5.0))


def test_it_turns_round_with_its_arguments() -> None:
    low, high = difference_interval(0.4, (0.3, 0.6), 0.7, (0.5, 0.8))
    assert difference_interval(0.7, (0.5, 0.8), 0.4, (0.3, 0.6)) == pytest.approx((-high, -low))


def test_it_covers_the_difference_of_two_normals_in_95_of_100_samples() -> None:
    random = np.random.default_rng(3)
    one, other = random.normal(0, 1, 20_000), random.normal(0, 2, 20_000)
    held = [
        low <= 0 <= high
        for a, b in zip(one, other, strict=True)
        for low, high in [difference_interval(a, (a - 1.96, a + 1.96), b, (b - 3.92, b + 3.92))]
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.005)
