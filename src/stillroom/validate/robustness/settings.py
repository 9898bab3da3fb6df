"""What a recipe decides about robustness."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.types import Settings

Perturbation = Literal["typos", "abbreviations", "case", "missing", "negation", "numbers"]


class RobustnessSettings(Settings):
    """How prompts are changed, and how many. Each perturbation costs as much as measuring the same items once more."""

    perturbations: tuple[Perturbation, ...] = Field(
        default=("typos", "abbreviations", "case", "missing", "negation", "numbers"),
        description="what is done to prompts; negation and numbers change what is asked, so answers must change",
    )
    items: int = Field(default=60, ge=2, description="items of each perturbation, spread evenly over kinds")
    share: float = Field(
        default=0.2, gt=0, le=1, description="share of words that are mistyped or go missing"
    )
    attacked_items: int = Field(
        default=0,
        ge=0,
        description="multiple-choice items that are attacked word by word; 0: none, for it is slow",
    )
    attack_words: int = Field(default=2, ge=1, description="most words that an attack may change in a prompt")
