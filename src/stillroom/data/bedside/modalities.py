"""Several modalities of a stay, some of which are missing at the bedside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import choose
from stillroom.types.cases import Case

PATTERN = "pattern"
"""Key of the subgroups: which modalities a case has."""

COMPLETE = "complete"


def with_pattern(case: Case, patterns: Mapping[str, Sequence[str]]) -> Case:
    """Take modalities from a case, by a pattern that a hash of its patient chooses.

    Args:
        case: with all of its modalities.
        patterns: by name, the inputs that are missing.

    >>> case = Case("a", "a", {"note": np.ones(2, np.float32), "labs": np.ones(2, np.float32)}, np.asarray(1))
    >>> found = with_pattern(case, {"no note": ["note"]})
    >>> found.inputs["note"].tolist(), found.inputs["labs"].tolist(), found.keys
    ([nan, nan], [1.0, 1.0], {'pattern': 'no note'})
    """
    name = choose(sorted(patterns), "pattern", case.group)
    inputs = {key: _missing(of) if key in patterns[name] else of for key, of in case.inputs.items()}
    return replace(case, inputs=inputs, keys={**case.keys, PATTERN: name})


def _missing(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.full_like(values, np.nan)
