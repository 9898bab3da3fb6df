"""What a reader gets: the HTML report, the model card and the short table. Rendering, no computing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.report.card import model_card as model_card
    from stillroom.report.context import ReportContext as ReportContext
    from stillroom.report.context import StageFacts as StageFacts
    from stillroom.report.page import Report as Report
    from stillroom.report.page import render as render
    from stillroom.report.summary import summary_rows as summary_rows

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Report": "page",
        "ReportContext": "context",
        "StageFacts": "context",
        "model_card": "card",
        "render": "page",
        "summary_rows": "summary",
    },
)
