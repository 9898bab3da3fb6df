"""Who teaches a bedside student, and how several are heard together."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stillroom.models.bedside.settings import BackboneSettings, TeacherModelSettings
from stillroom.train.settings import TrainSettings
from stillroom.types import Settings

_SUM_TOLERANCE = 1e-6


class CaseTeacherSettings(Settings):
    """A teacher, fitted to the training cases.

    With ``folds`` of two or more it is a committee: each member leaves one part of the patients out, and it is that
    member who is asked about them. So the student never learns what a teacher remembers of its own training cases.
    Members see overlapping parts, which also makes the committee robust to wrong labels.

    Source: Stone 1974 (doi:10.1111/j.2517-6161.1974.tb00994.x) for cross-validated answers; Breiman 1996 (Bagging
    predictors, Machine Learning 24) for the mean.
    """

    model: TeacherModelSettings = Field(description="trees, a dictionary or a network")
    train: TrainSettings | None = Field(default=None, description="budget of a network; others have none")
    folds: int = Field(
        default=5,
        ge=1,
        le=50,
        description="members; 1: one model, which is asked about its own training cases",
    )
    seed: int | None = Field(
        default=None, ge=0, lt=2**32, description="of its draws; left out, the recipe's own"
    )

    @model_validator(mode="after")
    def _budget_fits(self) -> Self:
        if (self.model.kind in ("trees", "dictionary")) != (self.train is None):
            raise ValueError("`train` for a network, and none for trees and dictionaries")
        return self


class CaseAssistantSettings(Settings):
    """A network of a size between: it learns as the student does, and is then asked about every case.

    Of cases that it learned from it says what it remembers; cross-fitted are the teachers alone.

    Source: Mirzadeh et al. 2020, teacher assistants (arXiv:1902.03393).
    """

    model: BackboneSettings = Field(description="the network")
    train: TrainSettings | None = Field(default=None, description="its budget; left out, that of the student")


class CaseSignalSettings(Settings):
    """What is kept of a teacher beside its logits, for every case."""

    features: tuple[str, ...] = Field(
        default=(),
        description="features or attention maps that the teacher, a network, shows, by name: stage2, pooled, … With "
        "several folds a case's come from the member that did not learn from it, or from the first",
    )


class CaseFusionSettings(Settings):
    """How several teachers are heard as one: their distributions are mixed."""

    kind: Literal["mean", "fixed", "entropy", "confidence"] = Field(
        description="mean: alike; fixed: by `shares`; entropy: the surer, the more; confidence: on training cases, "
        "more where a teacher explains the label better (arXiv:2201.00007), alike where no label may be read"
    )
    shares: tuple[Annotated[float, Field(ge=0)], ...] | None = Field(
        default=None, description="for kind fixed: of each teacher, in their order, summing to 1"
    )

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        if (self.kind == "fixed") != (self.shares is not None):
            raise ValueError("`shares` with kind fixed, and only then")
        if self.shares is not None and abs(sum(self.shares) - 1.0) > _SUM_TOLERANCE:
            raise ValueError(f"shares that sum to 1, not to {sum(self.shares):g}")
        return self
