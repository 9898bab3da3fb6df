"""The sections of the axes that a recipe may switch on, in their order on the page."""

from __future__ import annotations

from stillroom.report import explain, privacy, shift
from stillroom.report.figures import Figures
from stillroom.report.section import Section

_SECTIONS = (explain.section, shift.section, privacy.section)


def sections(figures: Figures) -> list[Section]:
    """Those that something was measured for."""
    return [found for make in _SECTIONS if (found := make(figures)) is not None]
