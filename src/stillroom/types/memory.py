"""Memory of this process: now, and at the peak of a piece of work rather than of its whole life."""

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
    return _status_bytes("VmHWM") or _lifelong_peak_bytes()


def resident_bytes() -> int:
    """Resident memory of this process, in bytes; where ``/proc`` is missing, the peak since the process began."""
    return _status_bytes("VmRSS") or _lifelong_peak_bytes()


def _status_bytes(name: str) -> int | None:
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
    except (OSError, StopIteration):
        return None


def _lifelong_peak_bytes() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
