"""Settings of the teacher and of the student's architecture."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class ModelSettings(Settings):
    """Which model is meant."""

    model: str = Field(
        description="name of a packaged model (`stillroom models list`), a local folder of safetensors, or a model of "
        "the Hugging Face hub, owner/name"
    )
    revision: str | None = Field(
        default=None, description="branch, tag or commit of a model of the hub; null is its main branch"
    )


class TeacherSettings(ModelSettings):
    """Which model teaches."""


class StudentSettings(Settings):
    """How the student is cut from the teacher."""

    layers: tuple[int, ...] = Field(
        min_length=1,
        description="teacher layers that the student keeps, ascending, counted from 0: "
        "student layer k starts as, and is mapped to, teacher layer layers[k]",
    )
