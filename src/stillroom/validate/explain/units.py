"""What an attribution speaks of: measured channels, patches of an image, stretches of a wave, tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from stillroom.models.bedside.inputs import SERIES
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.summaries import SUMMARIES

Owners = NDArray[np.int64]
"""Number of the unit that each entry of an array speaks of."""


def channel_units(form: Form, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The unit of each channel of some inputs: its name; the columns ``cp=1``, ``cp=2`` of a category are one.

    >>> from stillroom.types.cases import Head
    >>> form = Form({"static": (3,)}, Head("classes", ("a", "b")), {"static": ("age", "cp=1", "cp=2")})
    >>> channel_units(form, ["static"])
    {'static': ('age', 'cp', 'cp')}
    """
    return {
        name: tuple(channel.partition("=")[0] for channel in form.channels.get(name, ()))
        or tuple(f"{name} {number}" for number in range(form.shapes[name][-1] or 0))
        for name in names
    }


def numbered(units: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Every unit once, by its number."""
    return {
        unit: number
        for number, unit in enumerate(dict.fromkeys(unit for of in units.values() for unit in of))
    }


def flat_owners(form: Form, names: Sequence[str], units: Mapping[str, int]) -> tuple[Owners, Owners]:
    """Owners of the entries of ``models.bedside.inputs.flat``, and of those of ``absent``.

    Args:
        form: of the inputs.
        names: inputs in sorted order.
        units: number of each unit.
    """
    values, missing = [], []
    for name, of in channel_units(form, names).items():
        own = np.array([units[unit] for unit in of], dtype=np.int64)
        rows = int(np.prod(form.shapes[name][:-1], dtype=np.int64))  # type: ignore[arg-type]
        values.append(np.tile(own, len(SUMMARIES) if name == SERIES else rows))
        missing.append(np.tile(own, 1 if name == SERIES else rows))
    return np.concatenate(values), np.concatenate(missing)


def patch_owners(sizes: Sequence[int], patches: int) -> Owners:
    """Owners of the sites of a grid that is cut into about equal parts along each axis.

    >>> patch_owners((2, 4), 2)
    array([[0, 0, 1, 1],
           [2, 2, 3, 3]])
    """
    parts = [np.arange(size) * min(patches, size) // size for size in sizes]
    owners: Owners = parts[0].astype(np.int64)
    for part in parts[1:]:
        owners = owners[..., None] * (part[-1] + 1) + part
    return owners


def summed(values: NDArray[np.float64], owners: Owners, units: int) -> NDArray[np.float64]:
    """Add up what belongs to each unit: ``(cases, *shape)`` with owners of ``shape`` → ``(cases, units)``."""
    rows = values.reshape(len(values), -1)
    found = np.zeros((units, len(values)))
    np.add.at(found, np.broadcast_to(owners, values.shape[1:]).ravel(), rows.T)
    return found.T
