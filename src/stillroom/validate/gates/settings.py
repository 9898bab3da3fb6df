"""What a recipe decides about gates."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from stillroom.types import Settings, Subject, did_you_mean
from stillroom.validate.metrics import METRICS

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
        return known_metric(metric)


class CeilingSettings(Settings):
    """The best that is known to be within reach of a figure, such as under a privacy budget."""

    metric: str = Field(description="metric, such as accuracy")
    best: float = Field(description="the best value within reach, in the metric's unit")
    because: str = Field(min_length=1, description="why, with the source")

    @field_validator("metric")
    @classmethod
    def _is_known(cls, metric: str) -> str:
        return known_metric(metric)


def known_metric(metric: str) -> str:
    """Refuse a metric that nothing measures.

    Raises:
        ValueError: the name before the ``/`` is unknown; suggests the nearest.
    """
    base = metric.partition("/")[0]
    if base not in METRICS:
        raise ValueError(f"unknown metric {base!r}: {did_you_mean(base, METRICS)}")
    return metric
