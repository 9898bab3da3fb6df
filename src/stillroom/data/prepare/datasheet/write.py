"""The files beside a corpus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stillroom.data.prepare.datasheet.composition import BIN_TOKENS, Composition
from stillroom.data.prepare.datasheet.histogram import histogram
from stillroom.data.prepare.datasheet.lists import left_out, write_lines
from stillroom.data.prepare.datasheet.page import page
from stillroom.data.prepare.preparation import Prepared
from stillroom.types.files import write_json, write_text

PAGE, FACTS, IMAGE = "datasheet.md", "datasheet.json", "token_lengths.svg"
LEFT_OUT, REVIEW = "left_out.jsonl", "review.jsonl"


def write_datasheet(folder: Path, facts: dict[str, Any], made: Composition, prepared: Prepared) -> None:
    """Write page, facts, image, the rows for review and the list of what was left out; all of them private."""
    write_json(folder / FACTS, facts)
    write_text(folder / PAGE, page(facts))
    title = f"{facts['name']}: tokens of {sum(facts['items'].values()):,} rows"
    write_text(folder / IMAGE, histogram(made.tokens, BIN_TOKENS, title))
    write_lines(folder / REVIEW, (dict(row) for row in made.review))
    write_lines(folder / LEFT_OUT, left_out(prepared))
