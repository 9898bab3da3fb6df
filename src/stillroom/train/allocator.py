"""Keeping freed memory for the next step, and giving back what lies idle.

glibc hands large freed blocks back to the system, and each step pays to have them mapped and zeroed again: for the
quickstart's student about half of all page faults and a tenth of the time. Blocks that are kept leave gaps too narrow
for the next large one: with a vocabulary of 262,144 words the heap grew to twice what was in use.
"""

from __future__ import annotations

import ctypes
import sys
from functools import cache

from stillroom.types.memory import resident_bytes

_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4
_GROWTH = 1.25


@cache
def _glibc() -> ctypes.CDLL | None:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if library is not None and hasattr(library, "malloc_trim") else None


def keep_freed_memory() -> None:
    """Tell glibc to reuse freed blocks instead of unmapping them. Does nothing on other systems.

    Source: ``mallopt(3)``.
    """
    if (library := _glibc()) is not None:
        library.mallopt(_M_MMAP_MAX, 0)
        library.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def give_back_freed_memory() -> None:
    """Give every free page of the heap back to the system. Does nothing on other systems.

    Source: ``malloc_trim(3)``.
    """
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


class SteadyMemory:
    """Gives freed memory back when a process has grown by a quarter since it last settled.

    Equal steps need equal memory, so what grows from step to step is gaps. The step after is the new measure: memory
    that is really needed is given back once, not at every step.

    >>> memory = SteadyMemory()
    >>> [memory.gives_back(resident) for resident in (8.0, 9.0, 10.5, 8.5, 10.0)]
    [False, False, True, False, False]
    """

    def __init__(self) -> None:
        self._settled: float | None = None

    def after_step(self) -> None:
        """Look at the memory of this process, and give back what is free where it has grown."""
        if self.gives_back(resident_bytes()):
            give_back_freed_memory()

    def gives_back(self, resident: float) -> bool:
        """Whether a process of this size has grown; then the next size it is asked about is its measure."""
        grown = self._settled is not None and resident > _GROWTH * self._settled
        if grown or self._settled is None:
            self._settled = None if grown else resident
        return grown
