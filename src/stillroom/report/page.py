"""The report: one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stillroom.report.context import ReportContext
from stillroom.types import Evidence, MissingExtraError
from stillroom.types.files import write_text


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
    try:
        from stillroom.report.assembly import assemble, assemble_cases
    except ImportError as error:
        raise MissingExtraError.of("jinja2", "report") from error
    of_cases = "primary" in (evidence.facts or {})
    return Report((assemble_cases if of_cases else assemble)(evidence, context))
