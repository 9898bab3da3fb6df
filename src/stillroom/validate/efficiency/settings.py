"""What a recipe decides about the cost of use."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings

THROUGHPUT_BATCHES, THROUGHPUT_REPEATS = (1, 8), 2
"""Answers at once where throughput is timed, and how often, after one that is not counted."""


class EfficiencySettings(Settings):
    """The answer whose cost is measured, and what energy costs in carbon."""

    prompt_tokens: int = Field(default=256, ge=1, description="length of the prompt that is read")
    new_tokens: int = Field(default=32, ge=2, description="tokens written in answer")
    repeats: int = Field(
        default=5,
        ge=2,
        description="how often it is timed; the 95th percentile of the time to read needs 20, the 99th 100",
    )
    throughput: bool = Field(
        default=True, description="whether whole answers are timed, one and eight at once"
    )
    processor_watts: float | None = Field(
        default=None,
        gt=0,
        description="power of the processor at full load (its TDP), for the estimate of energy where no counter can be "
        "read; null: 3.5 W for each core",
    )
    grid_grams_per_kwh: float = Field(
        default=480.0, ge=0, description="carbon dioxide, or its equivalent, of a kilowatt hour, in grams"
    )
    grid_source: str = Field(
        default="world mean of 2023, life cycle, as CO2 equivalent: Ember, Global Electricity Review 2024",
        min_length=1,
        description="where that figure comes from",
    )
