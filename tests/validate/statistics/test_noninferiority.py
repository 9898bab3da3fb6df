"""Non-inferiority is shown by the whole interval, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import Verdict
from stillroom.validate.statistics.bootstrap import Estimate
from stillroom.validate.statistics.noninferiority import non_inferior


def difference(low: float, high: float) -> Estimate:
    """An estimate whose 95 % interval is that one."""
    middle, half = (low + high) / 2, (high - low) / 2 / 0.95
    return Estimate(middle, np.linspace(middle - half, middle + half, 2001), 500)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.019, 0.010, "pass"),
        (0.001, 0.030, "pass"),
        (-0.021, 0.010, "not_demonstrated"),
        (-0.050, -0.019, "not_demonstrated"),
        (-0.050, -0.021, "fail"),
    ],
)
def test_the_whole_interval_decides(low: float, high: float, verdict: Verdict) -> None:
    assert non_inferior(difference(low, high), margin=0.02) == verdict
    assert non_inferior(difference(-high, -low), margin=0.02, higher_is_better=False) == verdict


@pytest.mark.parametrize("margin", [0.0, -0.01])
def test_a_margin_must_allow_some_loss(margin: float) -> None:
    with pytest.raises(ValueError, match="expected a loss above 0"):
        non_inferior(difference(0.0, 0.1), margin)
