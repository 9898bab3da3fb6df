"""What a recipe decides about explanations."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class ExplainSettings(Settings):
    """How many items are explained, and how finely; of a language model an item costs ``steps`` trainings of it."""

    items: int = Field(default=200, ge=2, description="test items that are explained, chosen by hash")
    steps: int = Field(default=64, ge=4, le=1024, description="points of the path of integrated gradients")
    top: int = Field(default=5, ge=1, description="inputs whose overlap with the teacher's is told")
    points: int = Field(default=16, ge=2, description="points of the curves of insertion and deletion")
    random_orders: int = Field(
        default=4, ge=1, description="orders by chance that an attribution is held against"
    )
    patches: int = Field(default=7, ge=2, description="parts of each axis of an image or a wave")
