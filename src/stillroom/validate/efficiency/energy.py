"""Energy: from the processor's counters where they can be read, otherwise estimated and said to be so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from stillroom.types.cores import cores

T = TypeVar("T")

POWERCAP = Path("/sys/class/powercap")
WATTS_PER_CORE = 3.5
"""Power of a virtual core at full load: mean over the processors of one large cloud, its servers' memory included.

Source: Cloud Carbon Footprint, *Methodology*, AWS, after SPECpower_ssj2008; it has 4.26 and 3.76 for two other clouds.
"""

JOULES_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True)
class Energy:
    """What work took.

    Attributes:
        joules: energy.
        seconds: wall time.
        source: ``measured`` by counters of the whole processor, other work on it included, or ``estimated``.
    """

    joules: float
    seconds: float
    source: Literal["measured", "estimated"]


def metered(
    work: Callable[[], T], *, processor_watts: float | None = None, powercap: Path = POWERCAP
) -> tuple[T, Energy]:
    """Do work and tell its energy.

    Counters: Intel's and AMD's RAPL, as Linux offers them, of all processor packages. They often need rights that a
    container does not have. The estimate is power at full load · share of the cores in use · time; it leaves cooling
    and idle power out.

    Args:
        work: what to do.
        processor_watts: power of the whole processor at full load; None: ``WATTS_PER_CORE`` for each core.
        powercap: folder of the counters.
    """
    before, start, used = counters(powercap), time.perf_counter(), time.process_time()
    result = work()
    seconds, busy = time.perf_counter() - start, time.process_time() - used
    after = counters(powercap)
    if before and before.keys() == after.keys():
        return result, Energy(spent(before, after, _ranges(powercap)), seconds, "measured")
    return result, Energy(estimated_joules(busy, cores(), processor_watts), seconds, "estimated")


def estimated_joules(busy_core_seconds: float, cores: int, processor_watts: float | None) -> float:
    """Estimate: watts of one core at full load times the seconds that cores were busy.

    With time t and utilisation u = busy / (cores · t) this is processor_watts · u · t.

    >>> estimated_joules(20.0, cores=4, processor_watts=60.0), estimated_joules(20.0, cores=4, processor_watts=None)
    (300.0, 70.0)
    """
    per_core = WATTS_PER_CORE if processor_watts is None else processor_watts / cores
    return per_core * busy_core_seconds


def counters(powercap: Path = POWERCAP) -> dict[str, int]:
    """Read the energy counters of all processor packages in microjoules; none where any cannot be read."""
    found = {}
    for zone in _packages(powercap):
        try:
            found[zone.name] = int((zone / "energy_uj").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return {}
    return found


def spent(before: Mapping[str, int], after: Mapping[str, int], ranges: Mapping[str, int]) -> float:
    """Joules between two readings; a counter that is lower than before has gone round once.

    >>> spent({"p": 900}, {"p": 100}, {"p": 1000}) == 200 / 1e6
    True
    """
    return sum((after[name] - before[name]) % (ranges[name] or 2**64) for name in before) / 1e6


def _packages(powercap: Path) -> list[Path]:
    """Whole packages: their cores and memories are counted in them, and named with a second colon."""
    return sorted(zone for zone in powercap.glob("*-rapl:*") if zone.name.count(":") == 1)


def _ranges(powercap: Path) -> dict[str, int]:
    return {
        zone.name: int((zone / "max_energy_range_uj").read_text(encoding="ascii"))
        for zone in _packages(powercap)
    }
