"""Settings of what a bedside student minimises."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from stillroom.train.objective import TermSettings
from stillroom.types import Settings

Of = Literal["teacher", "labels", "focus", "average"]


class CaseTermSettings(TermSettings):
    """A loss of the registry (`stillroom losses`), and what the student is compared with in it."""

    of: Of = Field(
        default="teacher",
        description="teacher: what the signals hold; labels: the truth, where it is known; focus: time steps that the "
        "task calls critical; average: the student's own average over the steps",
    )
    at: str = Field(
        default="logits",
        description="what of the student: logits (a loss of maps reads those of pixels as a map), or a feature or "
        "attention map that it shows",
    )
    teacher_at: str | None = Field(default=None, description="what of the teacher; the same name by default")
    stages: tuple[str, ...] = Field(
        default=(),
        description="in place of `at`: features of both, from shallow to deep, for a loss that reads them together",
    )
    outputs: tuple[str, ...] = Field(
        default=(),
        description="of labels and values: those that the term reads, so that each task of a student with several has "
        "terms of its own; all by default",
    )
    project: bool = Field(
        default=False,
        description="map the student's feature linearly to the teacher's width first; the map is left behind",
    )

    @model_validator(mode="after")
    def _stages_alone(self) -> Self:
        if self.stages and (
            self.of != "teacher" or self.project or {"at", "teacher_at"} & self.model_fields_set
        ):
            raise ValueError("`stages` of the teacher, without `at`, `teacher_at` and `project`")
        if self.outputs and (self.stages or self.at != "logits"):
            raise ValueError("`outputs` of the logits, without `at` and `stages`")
        return self


class HardExampleSettings(Settings):
    """Cases on which student and teacher disagree count more, at every step anew.

    Weight 1 + strength · JSD/ln 2, divided by its mean over the pass.
    """

    strength: float = Field(gt=0, description="how much more; 0 would change nothing")


class CaseTemperatureSettings(Settings):
    """A temperature for each case: the surer the teacher is, the more its answer is softened.

    τ = low + (high − low) · (1 − H(p)/ln C). Terms of the teacher's logits read it in place of their own temperature.
    """

    low: float = Field(gt=0, description="where the teacher is even over the classes")
    high: float = Field(gt=0, description="where it is certain")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low > self.high:
            raise ValueError("`low` at most `high`")
        return self


class LabelTemperatureSettings(Settings):
    """A factor of the temperature for each label, by how many training cases have it.

    log τ goes evenly from ``common`` at the label that most have to ``rare`` at the one that fewest have, by the log of
    their number. Terms that read a temperature for each label take it.
    """

    common: float = Field(gt=0, description="of the most frequent label")
    rare: float = Field(gt=0, description="of the rarest label")


class CaseObjectiveSettings(Settings):
    """A weighted sum of terms, each a mean: over positions (cases, hours, pixels), or over the rows of its features."""

    terms: dict[str, CaseTermSettings] = Field(min_length=1, description="terms, by names of your own")
    hard_examples: HardExampleSettings | None = Field(
        default=None,
        description="hard cases count more in terms of the teacher's logits; left out, all alike",
    )
    case_temperature: CaseTemperatureSettings | None = Field(
        default=None, description="a temperature for each case; left out, that of each term"
    )
    subgroups: str | None = Field(
        default=None,
        description="key of the cases, such as sex, whose values demographic_parity and equalised_odds compare",
    )
    label_temperature: LabelTemperatureSettings | None = Field(
        default=None, description="a temperature for each label; left out, that of each term"
    )
    average_decay: float = Field(
        default=0.99, ge=0, lt=1, description="share of the old average that each step keeps, for terms of it"
    )

    publish_average: bool = Field(
        default=False,
        description="keep the average of the weights over the steps in place of the last ones (RoS-KD, "
        "arXiv:2210.08388)",
    )

    @property
    def averages(self) -> bool:
        """Whether the weights are averaged over the steps."""
        return self.publish_average or self.reads("average")

    def reads(self, what: Of) -> bool:
        """Whether a term compares the student with this."""
        return any(term.of == what for term in self.terms.values())


HARD_LOSSES = {"classes": "cross_entropy", "labels": "multi_label_kl", "values": "logit_mse"}
"""The loss on the truth itself, by the kind of head."""


def hard_labels(kind: Literal["classes", "labels", "values"]) -> CaseObjectiveSettings:
    """The control's objective: the truth alone."""
    return CaseObjectiveSettings(
        terms={"hard": CaseTermSettings(loss=HARD_LOSSES[kind], weight=1.0, of="labels")}
    )
