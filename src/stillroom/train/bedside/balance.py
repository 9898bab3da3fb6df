"""Rare classes weigh more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from stillroom.types import TrainError
from stillroom.types.cases import UNKNOWN, Case


def balanced(cases: Sequence[Case], balance: float) -> tuple[Case, ...]:
    r"""Weigh each case by the size of its class, the mean of the weights unchanged.

    .. math:: w_i \propto n_{y_i}^{-b}

    Args:
        cases: of one class each; one whose class is not known keeps the mean weight.
        balance: b; 0 leaves the cases as they are, 1 gives all classes the same say.

    Raises:
        TrainError: cases of labels, values or positions.

    Source: Cui et al. 2019 (arXiv:1901.05555), in the limit of no overlap between cases.

    >>> from stillroom.types.cases import Case
    >>> import numpy as np
    >>> cases = [Case(str(n), str(n), {}, np.asarray(n == 0, dtype=np.int64)) for n in range(4)]
    >>> [round(case.weight, 2) for case in balanced(cases, 1.0)]
    [2.0, 0.67, 0.67, 0.67]
    """
    if not balance:
        return tuple(cases)
    if cases[0].target.ndim:
        raise TrainError(
            "class_balance for cases of several answers", "one class for each case", "set class_balance=0"
        )
    sizes = Counter(int(case.target) for case in cases)
    known = len(cases) - sizes.pop(UNKNOWN, 0)
    shares = {name: size**-balance for name, size in sizes.items()}
    mean = sum(size * shares[name] for name, size in sizes.items()) / known
    return tuple(
        replace(case, weight=case.weight * shares.get(int(case.target), mean) / mean) for case in cases
    )
