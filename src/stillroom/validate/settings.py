"""What a recipe decides about validation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from stillroom.types import Settings, Subject, did_you_mean
from stillroom.validate.efficiency.settings import EfficiencySettings
from stillroom.validate.fairness.settings import FairnessSettings
from stillroom.validate.metrics import METRICS
from stillroom.validate.robustness.settings import RobustnessSettings

Direction = Literal["at_least", "at_most"]


class GateSettings(Settings):
    """A rule that the evidence must meet, whole interval included."""

    name: str = Field(min_length=1, description="what the gate says, in words for the report")
    metric: str = Field(description="metric, such as choice_accuracy or choice_accuracy/definition")
    subject: Subject = Field(description="who must meet it")
    threshold: float = Field(description="in the metric's unit")
    direction: Direction = Field(description="at_least or at_most the threshold")

    @field_validator("metric")
    @classmethod
    def _is_known(cls, metric: str) -> str:
        base = metric.partition("/")[0]
        if base not in METRICS:
            raise ValueError(f"unknown metric {base!r}: {did_you_mean(base, METRICS)}")
        return metric


class ValidateSettings(Settings):
    """How much is measured and how sure the figures are.

    Items are spread evenly over the kinds of task; smaller selections are contained in larger ones.
    """

    token_items: int | None = Field(
        ge=1, description="test items for perplexity, fidelity and calibration; null: all"
    )
    choice_items: int = Field(ge=0, description="multiple-choice items; 0: no multiple choice")
    generation_items: int = Field(ge=0, description="items answered freely for ROUGE and BLEU; 0: none")
    max_new_tokens: int = Field(ge=1, le=4096, description="longest generated response, tokens")
    bootstrap_repeats: int = Field(default=1000, ge=100, le=100_000, description="resamples of each interval")
    ece_bins: int = Field(default=15, ge=2, le=100, description="bins of the reliability diagram and of ECE")
    fairness: FairnessSettings | None = Field(
        default=FairnessSettings(), description="which subgroups are compared; null: none"
    )
    efficiency: EfficiencySettings = Field(
        default=EfficiencySettings(), description="the answer whose time and energy are measured"
    )
    robustness: RobustnessSettings | None = Field(
        default=None, description="how prompts are changed to see what holds; null: not at all"
    )
    seed: int = Field(default=0, ge=0, description="seed of the selection of items and of the resampling")
    gates: tuple[GateSettings, ...] = Field(default=(), description="rules held against the evidence")
