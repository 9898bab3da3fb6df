"""The interval of a difference from two intervals, where there is nothing else to go by."""

from __future__ import annotations

from math import hypot


def difference_interval(
    first: float, first_ends: tuple[float, float], second: float, second_ends: tuple[float, float]
) -> tuple[float, float]:
    r"""Interval of ``first`` minus ``second``, which were found independently of each other.

    .. math:: d - \sqrt{(a - l_a)^2 + (u_b - b)^2}, \quad d + \sqrt{(u_a - a)^2 + (b - l_b)^2}

    Of two figures on the same items it is too wide, for it does not know what they share.

    Args:
        first: a figure.
        first_ends: its interval.
        second: the other figure.
        second_ends: its interval, of the same level.

    Source: Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I (method 10 with Wilson's
    intervals); Zou & Donner 2008, doi:10.1002/sim.3095.

    >>> low, high = difference_interval(56 / 70, (0.6918, 0.8769), 48 / 80, (0.4905, 0.7003))
    >>> round(low, 3), round(high, 3)
    (0.052, 0.334)
    """
    apart = first - second
    low = apart - hypot(first - first_ends[0], second_ends[1] - second)
    return low, apart + hypot(first_ends[1] - first, second - second_ends[0])
