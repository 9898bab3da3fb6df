"""An interval of AUROC that holds with few cases and near 1, where resampling promises too much."""

from __future__ import annotations

from statistics import NormalDist

from stillroom.validate.statistics.level import LEVEL

_HALVINGS = 60


def auroc_interval(area: float, positives: int, negatives: int, level: float = LEVEL) -> tuple[float, float]:
    r"""Score interval: every area θ from which the one that was found is not further than z deviations of θ itself.

    .. math:: V(\theta) = \frac{\theta(1-\theta)}{mn} \left[1 + \left(\tfrac{m+n}{2} - 1\right)
              \left(\tfrac{1-\theta}{2-\theta} + \tfrac{\theta}{1+\theta}\right)\right]

    At an area of 1 it is not empty, unlike DeLong's.

    Args:
        area: what was found, in [0, 1].
        positives: m, independent positive cases (patients).
        negatives: n, independent negative ones.
        level: share of samples whose interval holds the true area, about.

    Source: Newcombe 2006, doi:10.1002/sim.2324 (method 5), after Hanley & McNeil 1982.

    >>> [round(end, 3) for end in auroc_interval(1.0, 20, 40)]
    [0.925, 1.0]
    """
    z = NormalDist().inv_cdf((1 + level) / 2)

    def is_near(theta: float) -> bool:
        shape = (1 - theta) / (2 - theta) + theta / (1 + theta)
        spread = (
            theta * (1 - theta) * (1 + ((positives + negatives) / 2 - 1) * shape) / (positives * negatives)
        )
        return (area - theta) ** 2 <= z**2 * spread

    ends = []
    for far in (0.0, 1.0):
        near = area
        for _ in range(_HALVINGS):
            middle = (near + far) / 2
            near, far = (middle, far) if is_near(middle) else (near, middle)
        ends.append(near)
    return ends[0], ends[1]
