"""What a run hands back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stillroom.types import Evidence


@dataclass(frozen=True, slots=True)
class RunResult:
    """Where a run lies and what it cost.

    Attributes:
        run_dir: the run's folder.
        evidence: what was measured, with its gates; None where the run stopped before that.
        report_path: the report; None where the run stopped before that.
        seconds: wall time of the stages, kept ones included.
        peak_memory_bytes: highest resident memory of any stage.
    """

    run_dir: Path
    evidence: Evidence | None
    report_path: Path | None
    seconds: float
    peak_memory_bytes: int
