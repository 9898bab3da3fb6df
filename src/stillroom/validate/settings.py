"""What a recipe decides about validation."""

from __future__ import annotations

from pydantic import Field, field_validator

from stillroom.types import Settings, did_you_mean
from stillroom.validate.efficiency.settings import EfficiencySettings
from stillroom.validate.explain.settings import ExplainSettings
from stillroom.validate.fairness.settings import FairnessSettings
from stillroom.validate.gates.settings import CeilingSettings
from stillroom.validate.gates.settings import Direction as Direction
from stillroom.validate.gates.settings import GateSettings as GateSettings
from stillroom.validate.gates.tiers import tier_names
from stillroom.validate.privacy.settings import PrivacySettings
from stillroom.validate.robustness.settings import RobustnessSettings


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
    explain: ExplainSettings | None = Field(
        default=None, description="what teacher and student look at, by the extra explain; null: not asked"
    )
    privacy: PrivacySettings | None = Field(
        default=None, description="attacks on which rows were learned from; null: none"
    )
    seed: int = Field(default=0, ge=0, description="seed of the selection of items and of the resampling")
    gates: tuple[GateSettings, ...] = Field(default=(), description="rules held against the evidence")
    tier: str | None = Field(
        default=None,
        description="critical, triage, diagnostic, risk or general: rules that teacher, student and bundle must meet",
    )
    ceilings: tuple[CeilingSettings, ...] = Field(
        default=(),
        description="what is known to be out of reach; a gate that asks for more ends as infeasible",
    )

    @field_validator("tier")
    @classmethod
    def _is_shipped(cls, tier: str | None) -> str | None:
        if tier is not None and tier not in tier_names():
            raise ValueError(f"unknown tier {tier!r}: {did_you_mean(tier, tier_names())}")
        return tier
