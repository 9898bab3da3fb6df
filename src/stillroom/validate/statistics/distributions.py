"""SciPy's distributions, which the extra ``evaluate`` brings."""

from __future__ import annotations

from typing import Any

from stillroom.types import MissingExtraError


def scipy_stats() -> Any:
    """Import ``scipy.stats``.

    Raises:
        MissingExtraError: SciPy is not installed.
    """
    try:
        from scipy import stats
    except ImportError as error:
        raise MissingExtraError.of("scipy", "evaluate") from error
    return stats
