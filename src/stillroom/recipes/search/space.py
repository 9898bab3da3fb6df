"""What a search may vary: recipe keys with the values that they may take."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillroom.recipes.sweeps.grid import axis
from stillroom.types import RecipeError

if TYPE_CHECKING:
    from optuna.trial import Trial

_SEARCHED = ("student.", "objective.", "train.")
_RANGE = re.compile(r"([^.\s]+(?:\.\d+)?)\.\.(\S+)")


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from ``low`` to ``high``: whole ones if both ends are; of others above 0 the logarithm is searched."""

    key: str
    low: float
    high: float

    def drawn(self, trial: Trial) -> str:
        """The value of a trial, as written in an override."""
        if self.low == int(self.low) and self.high == int(self.high):
            return str(trial.suggest_int(self.key, int(self.low), int(self.high)))
        value = trial.suggest_float(self.key, self.low, self.high, log=self.low > 0)
        return f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, each as written."""

    key: str
    values: tuple[str, ...]

    def drawn(self, trial: Trial) -> str:
        """The value of a trial, as written in an override."""
        return str(trial.suggest_categorical(self.key, self.values))


@dataclass(frozen=True, slots=True)
class Space:
    """All that is varied.

    Attributes:
        fixed: ``key=value`` changes of every trial.
        dimensions: what is searched.
    """

    fixed: tuple[str, ...]
    dimensions: tuple[Range | Choice, ...]

    def drawn(self, trial: Trial) -> dict[str, str]:
        """The values of a trial, by key."""
        return {dimension.key: dimension.drawn(trial) for dimension in self.dimensions}


def parse_space(items: Iterable[str]) -> Space:
    """Read a space.

    Args:
        items: ``key=low..high``, ``key=value,value,...``, or ``key=value`` for a change of every trial. Commas inside
            brackets belong to a value.

    Raises:
        RecipeError: an item of another form, nothing to search, or a key that is none of the student's.

    >>> parse_space(["student.blocks=1..3", "student.widths=[8,16],[16,32]", "train.steps=100"]).dimensions[1].values
    ('[8,16]', '[16,32]')
    """
    fixed, dimensions = [], []
    for item in items:
        key, values = axis(item)
        found = _dimension(key, values)
        if found is None:
            fixed.append(item)
            continue
        if not key.startswith(_SEARCHED):
            raise RecipeError(
                f"a search over {key!r}",
                f"keys under {', '.join(name.rstrip('.') for name in _SEARCHED)}",
                "the student alone is searched; give this key one value",
            )
        dimensions.append(found)
    if not dimensions:
        raise RecipeError(
            "a search over nothing",
            "key=low..high or key=value,value,...",
            "write it like student.blocks=1..3",
        )
    return Space(tuple(fixed), tuple(dimensions))


def _dimension(key: str, values: tuple[str, ...]) -> Range | Choice | None:
    if len(values) > 1:
        return Choice(key, values)
    ends = _RANGE.fullmatch(values[0])
    if ends is None:
        return None
    try:
        low, high = (float(end) for end in ends.groups())
    except ValueError:
        return None
    if not low < high:
        raise RecipeError(f"{key}={values[0]}", "low..high with low below high", "swap the ends")
    return Range(key, low, high)
