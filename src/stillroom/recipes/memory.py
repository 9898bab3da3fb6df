"""Peak memory of a piece of work, not of the whole life of the process."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_RESET_HIGH_WATER_MARK = "5"


def reset_peak_memory() -> None:
    """Forget the high-water mark, where the kernel allows it (Linux, ``man 5 proc``: ``clear_refs``)."""
    try:
        _CLEAR_REFS.write_text(_RESET_HIGH_WATER_MARK)
    except OSError:
        return


def peak_memory_bytes() -> int:
    """Highest resident memory of this process since the last reset, in bytes.

    Children are not counted. Where ``/proc`` is missing, the peak since the process began.

    >>> peak_memory_bytes() > 1_000_000
    True
    """
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
