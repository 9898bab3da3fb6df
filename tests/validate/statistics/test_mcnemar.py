"""McNemar's test looks at the cases on which two classifiers differ, and at nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from stillroom.validate.statistics.bootstrap import Array
from stillroom.validate.statistics.mcnemar import mcnemar


def pair(only_first: int, only_second: int, both: int = 20) -> tuple[Array, Array]:
    counts = [only_first, only_second, both]
    return np.repeat([1.0, 0.0, 1.0], counts), np.repeat([0.0, 1.0, 1.0], counts)


@pytest.mark.parametrize(("ours", "theirs"), [(9, 2), (2, 9), (5, 5), (0, 6), (1, 0), (40, 60)])
def test_p_values_are_those_of_the_sign_test(ours: int, theirs: int) -> None:
    found = mcnemar(*pair(ours, theirs))
    assert (found.only_first, found.only_second) == (ours, theirs)
    assert found.exact == pytest.approx(binomtest(ours, ours + theirs).pvalue)
    outcomes = np.arange(ours + theirs + 1)
    likely = binom.pmf(outcomes, ours + theirs, 0.5)
    seen = 2 * likely[outcomes < min(ours, theirs)].sum() + likely[min(ours, theirs)]
    assert found.mid_p == pytest.approx(seen)


def test_cases_that_both_have_right_do_not_matter() -> None:
    assert mcnemar(*pair(7, 3, both=0)) == mcnemar(*pair(7, 3, both=900))


def test_equal_classifiers_do_not_differ() -> None:
    assert mcnemar(*pair(0, 0)).exact == mcnemar(*pair(0, 0)).mid_p == 1.0
