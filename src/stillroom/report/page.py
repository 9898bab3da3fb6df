"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from stillroom.report.context import ReportContext
from stillroom.types import Evidence, MissingExtraError
from stillroom.types.files import write_text

if TYPE_CHECKING:
    from stillroom.report.comparison import ComparedRun
    from stillroom.validate.between import Comparison


@dataclass(frozen=True, slots=True)
class Report:
    """A rendered report.

    Attributes:
        html: the whole page: styles and drawings inside, no request to anywhere.
    """

    html: str

    def save(self, path: Path | str) -> Path:
        """Write the page whole or not at all.

        Raises:
            StorageError: the disk is full or not writable.
        """
        write_text(Path(path), self.html)
        return Path(path)


def render(evidence: Evidence, context: ReportContext) -> Report:
    """Render evidence as a page that a clinician, a privacy officer and an engineer can read.

    Nothing is computed here: every measured number on the page is a number of the evidence, marked with the metric,
    subject and end of the interval it shows. Equal input gives an equal page.

    A task that is no language model, which names its main figure in the fact ``primary``, has a page of its own.

    Raises:
        MissingExtraError: Jinja is not installed (extra ``report``).
    """
    pages = _pages()
    of_cases = "primary" in (evidence.facts or {})
    return Report((pages.assemble_cases if of_cases else pages.assemble)(evidence, context))


def render_comparison(first: ComparedRun, second: ComparedRun, comparison: Comparison) -> Report:
    """Render two runs side by side; differences are those of ``comparison``, all else is their own evidence.

    Raises:
        MissingExtraError: Jinja is not installed (extra ``report``).
    """
    return Report(_pages().assemble_comparison(first, second, comparison))


def _pages() -> ModuleType:
    try:
        return import_module("stillroom.report.assembly")
    except ImportError as error:
        raise MissingExtraError.of("jinja2", "report") from error
