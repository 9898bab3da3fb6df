"""Settings of the teacher and of the student's architecture."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class TeacherSettings(Settings):
    """Which model teaches."""

    model: str = Field(
        description="name of a packaged model (`stillroom models list`) or a local folder of safetensors"
    )


class StudentSettings(Settings):
    """How the student is cut from the teacher."""

    layers: tuple[int, ...] = Field(
        min_length=1,
        description="teacher layers that the student keeps, ascending, counted from 0: "
        "student layer k starts as, and is mapped to, teacher layer layers[k]",
    )
