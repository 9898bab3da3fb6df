"""What a recipe decides about the exported bundle."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from stillroom.types import Settings

Quantisation = Literal["f16", "q8_0", "q4_1"]
"""Weight types of a GGUF file: 16-bit floats, 8-bit blocks, 4-bit blocks with a zero point."""

RuntimePrecision = Literal["f32", "bf16"]
"""Number format of activations and sums in the runtime."""


PARITY_ROWS = 60
"""Test rows on which every exported file is held against the float32 student."""


class ExportSettings(Settings):
    """Which files a bundle holds, and how its runtime computes."""

    quantisations: tuple[Quantisation, ...] = Field(
        min_length=1, description="weight types to write, one GGUF file each"
    )
    default: Quantisation = Field(description="the file that is used when none is named")
    calibration_items: int = Field(
        ge=0,
        description="training examples whose inputs guide the rounding of weights; 0 rounds each to its nearest",
    )
    precision: RuntimePrecision = Field(
        description="activations in the runtime: f32 gives the same answer on every processor; "
        "bf16 is faster where the processor has it, and agrees less with training"
    )

    @model_validator(mode="after")
    def _default_is_written(self) -> ExportSettings:
        if len(set(self.quantisations)) != len(self.quantisations):
            raise ValueError(f"quantisations names a weight type twice: {', '.join(self.quantisations)}")
        if self.default not in self.quantisations:
            raise ValueError(f"default {self.default!r} is not among {', '.join(self.quantisations)}")
        return self
