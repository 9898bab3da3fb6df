"""Bedside networks and trees as a recipe describes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from stillroom.types import Settings


class MlpSettings(Settings):
    """A perceptron over descriptors and summaries of series: the smallest student."""

    kind: Literal["mlp"]
    widths: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        min_length=1, description="width of each hidden layer"
    )
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of hidden values dropped in training")
    input_dropout: float = Field(default=0.0, ge=0, lt=1, description="share of inputs dropped in training")


class TreesSettings(Settings):
    """LightGBM over descriptors and summaries of series.

    Source: Ke et al. 2017, LightGBM (NeurIPS 30).
    """

    kind: Literal["trees"]
    rounds: int = Field(gt=0, description="trees, one after the other")
    learning_rate: float = Field(gt=0, le=1, description="share of each tree's answer that is added")
    leaves: int = Field(ge=2, description="most leaves of a tree")
    least_cases: int = Field(default=20, ge=1, description="least cases of a leaf")
    features_share: float = Field(default=1.0, gt=0, le=1, description="share of inputs that a tree may read")
    cases_share: float = Field(default=1.0, gt=0, le=1, description="share of the cases that a tree sees")
    l2: float = Field(default=0.0, ge=0, description="L2 penalty of the leaves' answers")


BackboneSettings = Annotated[MlpSettings, Field()]
"""A network: the ``student`` block of a bedside recipe, and one kind of teacher."""

TeacherModelSettings = Annotated[TreesSettings | MlpSettings, Field(discriminator="kind")]
"""Who may teach: trees, or any network."""
