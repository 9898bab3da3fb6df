"""What a recipe says of isolation."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from stillroom.types import Settings


class IsolateSettings(Settings):
    """Nothing of a test is learned from: neither its items, nor what is near them."""

    leaks: Literal["drop", "fail"] = Field(
        default="drop",
        description="rows to learn from that give a test item away are left out and listed, or end the preparation",
    )
    share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="share of an item's runs of 13 words from which a row gives it away",
    )
    threshold: float = Field(
        default=0.8,
        ge=0.5,
        le=0.95,
        description="Jaccard similarity of shingles from which a row is a near copy of an item",
    )
    permutations: int = Field(default=128, ge=16, le=1024, description="length of a MinHash signature")
    teacher_rows: Path | None = Field(
        default=None,
        description="file with what the teacher was trained on, a row's identifier or the hash of its content on each "
        "line: test items among it are left out, rows to learn from are counted",
    )
