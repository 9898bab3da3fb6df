"""One preparation: every source read, and taken through every stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stillroom.data.prepare.quarantine import Limit
from stillroom.data.prepare.reading import ReadTask, SourceFiles
from stillroom.data.prepare.registry import stages_of
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.steps import READ, Step, forget_rows, read_sources, run_stage
from stillroom.data.prepare.workers import Workers
from stillroom.types import Progress, silent


@dataclass(frozen=True)
class Prepared:
    """What was done.

    Attributes:
        sources: what was read; the number of a source is its place here.
        steps: reading, then each stage; only the last one still has its rows.
    """

    sources: tuple[SourceFiles, ...]
    steps: tuple[Step, ...]

    @property
    def last(self) -> Step:
        """The step that holds the result."""
        return self.steps[-1]


def prepare_rows(
    settings: ClinicalSettings,
    sources: Sequence[SourceFiles],
    work: Path,
    workers: Workers,
    progress: Progress = silent,
) -> Prepared:
    """Read the sources and take them through the stages; what an earlier process finished in ``work`` is kept.

    Raises:
        DataError: a source cannot be read, or a stage failed.
        MissingExtraError: a stage needs a package that is not installed.
    """
    stages = list(stages_of(settings))
    steps = [
        read_sources(_tasks(settings, sources, work / f"00-{READ}"), work / f"00-{READ}", workers, progress)
    ]
    for number, stage in enumerate(stages, start=1):
        steps.append(run_stage(stage, steps[-1], work / f"{number:02d}-{stage.name}", workers, progress))
        forget_rows(steps[-2])
    return Prepared(tuple(sources), tuple(steps))


def _tasks(settings: ClinicalSettings, sources: Sequence[SourceFiles], folder: Path) -> list[ReadTask]:
    limit = Limit(settings.quarantine.share, settings.quarantine.rows)
    return [
        ReadTask(source, number, folder, limit, settings.longest_row_characters)
        for number, source in enumerate(sources)
    ]
