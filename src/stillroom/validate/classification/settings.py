"""What is decided about the measuring of a classifier."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from stillroom.types import Settings


class ThresholdSettings(Settings):
    """How the probability is chosen from which on an item is called positive, on validation data.

    ``fixed``: ``value`` itself. ``youden``: most sensitivity + specificity. ``sensitivity``, ``specificity``: the
    highest, or lowest, threshold that reaches ``value``. ``misses``: the highest whose share of misses is at most
    ``value`` by its exact 95 % bound. ``cost``: least cost, where a miss costs ``value`` false alarms. ``f1``: highest
    F1, which suits rare labels. ``recall_floor``, of three classes or more: the likeliest class is called after each is
    multiplied such that every class keeps a recall of ``value``.
    """

    rule: Literal["fixed", "youden", "sensitivity", "specificity", "misses", "cost", "f1", "recall_floor"] = (
        Field(default="fixed", description="how the threshold is chosen on validation data")
    )
    value: float | None = Field(
        default=0.5, gt=0, description="what the rule asks for; null for youden and f1"
    )

    @model_validator(mode="after")
    def _value_fits(self) -> ThresholdSettings:
        if (self.rule in ("youden", "f1")) != (self.value is None):
            raise ValueError(
                f"rule {self.rule!r} with value {self.value}; youden and f1 have none: write null"
            )
        if self.value is not None and self.rule != "cost" and self.value > 1:
            raise ValueError(f"rule {self.rule!r} with value {self.value}; expected a share of at most 1")
        return self


class ClassificationSettings(Settings):
    """What is measured of a classifier, and how sure the figures are."""

    classes: tuple[str, ...] = Field(
        min_length=2,
        description="names of classes or labels, in the order of the columns; of two classes, the second is positive",
    )
    critical: tuple[str, ...] = Field(
        default=(),
        description="of three classes or more, those that must not be missed: together they are the positive ones",
    )
    rare: tuple[str, ...] = Field(
        default=(), description="classes or labels whose mean figures are told by themselves too"
    )
    threshold: ThresholdSettings = Field(
        default=ThresholdSettings(), description="how thresholds are chosen on validation data"
    )
    specificity: float = Field(
        default=0.9, gt=0, lt=1, description="specificity of the figure sensitivity_at_specificity"
    )
    bootstrap_repeats: int = Field(default=1000, ge=100, le=100_000, description="resamples of each interval")
    ece_bins: int = Field(default=15, ge=2, le=100, description="bins of the reliability diagram and of ECE")
    seed: int = Field(default=0, ge=0, description="seed of the resampling")

    @model_validator(mode="after")
    def _names_fit(self) -> ClassificationSettings:
        if len(set(self.classes)) < len(self.classes):
            raise ValueError("a class is named twice in `classes`; give each its own name")
        if unknown := sorted({*self.critical, *self.rare} - set(self.classes)):
            raise ValueError(f"{unknown} is not among `classes`")
        if self.threshold.rule == "recall_floor" and len(self.classes) < 3:
            raise ValueError("a floor of recall of two classes; take the rule sensitivity")
        return self
