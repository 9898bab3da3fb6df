"""What a recipe may say. Each block is defined by the room that uses it."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class Recipe(Settings):
    """One run, written down: every choice that changes its result, and nothing else."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]*$", description="name of the recipe and of its run folder"
    )
    description: str = Field(min_length=1, description="what the recipe is for, in a line")
    seed: int = Field(ge=0, lt=2**32, description="seed of every random choice")
