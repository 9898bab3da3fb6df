"""Settings of the teacher and of the student's architecture."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.types import Settings

WeightPrecision = Literal["bfloat16", "int8", "nf4"]
Precision = Literal["float32", WeightPrecision, "gguf"]


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

    precision: Precision = Field(
        default="float32",
        description="how its weights are held while it teaches: int8 has one scale a row, nf4 is 4-bit with double "
        "quantisation, gguf leaves a GGUF file's blocks packed; products are computed in float32 or autocast's format",
    )
    offload: bool = Field(
        default=False,
        description="keep its layers on the CPU and copy each to the CUDA device for its turn: slower, less device "
        "memory",
    )


class StudentSettings(Settings):
    """How the student is cut from the teacher."""

    layers: tuple[int, ...] = Field(
        min_length=1,
        description="teacher layers that the student keeps, ascending, counted from 0: "
        "student layer k starts as, and is mapped to, teacher layer layers[k]",
    )
