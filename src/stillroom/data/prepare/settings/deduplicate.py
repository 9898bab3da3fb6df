"""What a recipe says of deduplication."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.types import Settings


class DeduplicateSettings(Settings):
    """Copies are left out, across sources; the best one stays."""

    threshold: float = Field(
        default=0.8,
        ge=0.5,
        le=0.95,
        description="Jaccard similarity of shingles from which a row is a near copy",
    )
    permutations: int = Field(
        default=128,
        ge=16,
        le=1024,
        description="length of a MinHash signature: more find near copies more surely, and take longer",
    )
    contradictions: Literal["keep", "drop"] = Field(
        default="keep",
        description="multiple-choice rows that ask the same and are answered differently; "
        "drop leaves out and lists all of them",
    )
