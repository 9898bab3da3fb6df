"""Settings of what a student minimises."""

from __future__ import annotations

from math import inf
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stillroom.types import Settings

_SUM_TOLERANCE = 1e-6

Divergence = Literal["forward_kl", "reverse_kl", "jensen_shannon", "skew_forward_kl", "skew_reverse_kl"]


class ScheduleSettings(Settings):
    """A value that moves from its start at the first step to its end at the last, and reaches both exactly."""

    schedule: Literal["linear", "cosine", "exponential", "inverse_sqrt"] = Field(
        description="shape of the way"
    )
    start: float = Field(allow_inf_nan=False, description="value of the first step")
    end: float = Field(allow_inf_nan=False, description="value of the last step")
    until: float = Field(
        default=1.0, gt=0, le=1, description="share of the steps at which the end is reached"
    )

    @model_validator(mode="after")
    def _ends_can_be_joined(self) -> Self:
        if self.schedule in ("exponential", "inverse_sqrt") and min(self.start, self.end) <= 0:
            raise ValueError(f"both ends above 0 for {self.schedule}")
        return self


Scheduled = float | ScheduleSettings


class TermSettings(Settings):
    """A further loss of the registry (`stillroom losses`), added to the objective.

    Its value is a mean over response tokens. A loss that gives one value per example counts with the tokens of its
    example. One that couples a batch is computed on each pass, so its value depends on ``tokens_per_pass``; a pass of
    fewer than three examples is left out of it.
    """

    loss: str = Field(description="its name")
    weight: Scheduled = Field(description="its weight, at least 0")
    hyper: dict[str, float | int | str | tuple[int, ...] | ScheduleSettings] = Field(
        default={}, description="its hyper-parameters by name; its own defaults otherwise"
    )

    @model_validator(mode="after")
    def _weight_in_range(self) -> Self:
        _require_weight("weight", self.weight)
        return self


class ImportanceSettings(Settings):
    """Learn from the most important response tokens of each row alone.

    Scores lie in [0, 1]: h, the student's entropy over the greatest possible; d, its Jensen–Shannon divergence from the
    teacher over ln 2. Source: token selection on two axes (arXiv:2604.14084), whose soft-OR is an inference.
    """

    score: Literal["entropy", "divergence", "soft_or", "confident_wrong"] = Field(
        description="h; d; h + d − h·d; or (1 − h)·d, the tokens on which the student is sure and wrong"
    )
    share: float = Field(
        gt=0, lt=1, description="share of a row's response tokens that is kept, rounded up to a token"
    )


class FusionSettings(Settings):
    """How several teachers share α. Each keeps its own targets; their divergences are added up with these shares."""

    kind: Literal["fixed", "specialty", "confidence", "entropy", "gate"] = Field(
        description="fixed shares; shares by the example's specialty; at each token, more for a teacher that "
        "explains the hard label (arXiv:2201.00007), or that is sure; or a gate that learns from hard labels"
    )
    shares: tuple[Annotated[float, Field(ge=0)], ...] | None = Field(
        default=None, description="of each teacher, summing to 1; equal by default"
    )
    by_specialty: dict[str, tuple[Annotated[float, Field(ge=0)], ...]] = Field(
        default={}, description="for kind specialty: shares of each teacher; `shares` for those not named"
    )

    @model_validator(mode="after")
    def _shares_are_shares(self) -> Self:
        for shares in (*self.by_specialty.values(), *([] if self.shares is None else [self.shares])):
            if abs(sum(shares) - 1.0) > _SUM_TOLERANCE:
                raise ValueError(f"shares that sum to 1, not to {sum(shares):g}")
        if (self.kind == "specialty") != bool(self.by_specialty):
            raise ValueError("`by_specialty` with kind specialty, and only then")
        if self.kind == "specialty" and self.shares is None:
            raise ValueError("`shares` for the specialties that are not named")
        if self.shares is not None and self.kind not in ("fixed", "specialty"):
            raise ValueError(f"no `shares` with kind {self.kind}, which finds them")
        return self


class ReplaySettings(Settings):
    """Responses that the student wrote in earlier steps are used again."""

    rows: int = Field(gt=0, description="how many of the latest are kept")
    fresh: Scheduled = Field(
        description="share in [0, 1] of the student's responses that are written anew; the others are drawn from those "
        "that are kept"
    )


class OnPolicySettings(Settings):
    """Some responses of a step are written by the student and judged by its teacher at every token.

    They are no labels: the soft term alone reads them, with weight α. The teacher must be live.
    """

    share: Scheduled = Field(description="λ in [0, 1], share of the rows whose response the student writes")
    divergence: Divergence = Field(description="D on these rows")
    max_new_tokens: int = Field(gt=0, description="longest response")
    temperature: float = Field(gt=0, description="of the student's sampling; not that of the loss")
    replay: ReplaySettings | None = Field(default=None, description="use earlier responses again")

    @model_validator(mode="after")
    def _shares_in_range(self) -> Self:
        for value in (self.share, *([] if self.replay is None else [self.replay.fresh])):
            if not all(0.0 <= end <= 1.0 for end in _ends(value)):
                raise ValueError("shares in [0, 1], at both ends of a schedule")
        return self


class MeanTeacherSettings(Settings):
    """The student's own average over the steps is the teacher. Source: Tarvainen & Valpola 2017 (arXiv:1703.01780)."""

    decay: float = Field(
        ge=0, lt=1, description="share of the old average that each step keeps, in the long run"
    )


class MutualSettings(Settings):
    """Two students teach each other; the second is left behind. Source: Zhang et al. 2018 (arXiv:1706.00384)."""

    layers: tuple[int, ...] = Field(
        min_length=1,
        description="layers that the second student keeps; not those of the first, for equal students have nothing to "
        "tell each other",
    )


class ExitSettings(Settings):
    """Some of the student's layers predict the response too, through its own final norm and output matrix.

    They learn from the hard labels and from its last layer, and are not used afterwards.
    """

    layers: tuple[int, ...] = Field(
        min_length=1, description="the student's layers, counted from 0, before its last"
    )
    weight: Scheduled = Field(description="weight of the exits' mean loss, at least 0")
    alpha: float = Field(
        ge=0,
        le=1,
        description="weight of the forward KL from the student's last layer; the rest is the hard labels'",
    )

    @model_validator(mode="after")
    def _weight_in_range(self) -> Self:
        _require_weight("weight", self.weight)
        return self


class ObjectiveSettings(Settings):
    """L = α·τ²·D(teacher, student) + (1−α)·CE + γ·(hidden-state loss) + Σ weight·(further loss), over response tokens.

    α, τ, γ and the weights are numbers, or schedules over the steps. A feature that is left out is off.
    """

    alpha: Scheduled = Field(description="α in [0, 1], weight of the soft term; 1 ignores the hard labels")
    divergence: Divergence = Field(description="D, the soft term")
    temperature: Scheduled = Field(
        description="τ > 0, on both sides of the soft term, whose weight includes τ²"
    )
    hidden_weight: Scheduled = Field(
        description="γ ≥ 0, weight of the relative hidden-state error of the mapped layers"
    )
    layer_mix: Annotated[tuple[int, ...], Field(min_length=2)] | Literal["all"] | None = Field(
        default=None,
        description="teacher layers, ascending from 0, that are mixed into what each student layer should equal, by "
        "shares that training learns token by token; left out, student.layer_map pairs the layers",
    )
    layer_mix_start: tuple[int, ...] | None = Field(
        default=None,
        description="for each student layer, the teacher layer about which its shares of layer_mix begin; left out, "
        "that of student.layer_map, and without such a map the one that lies nearest in relative depth",
    )
    terms: dict[str, TermSettings] = Field(
        default={},
        description="further losses, by a name of your own under which the records tell their values",
    )
    specialty_weights: dict[str, Annotated[float, Field(gt=0)]] | None = Field(
        default=None,
        description="relative weight of the examples of a specialty, 1 where it is not named; scaled so that the mean "
        "over the training tokens is 1",
    )
    wrong_teacher_weight: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="share of α that is kept at response tokens where the teacher's first choice is not the hard "
        "label, whose term takes what is given up; left out, the teacher is followed everywhere",
    )
    token_importance: ImportanceSettings | None = Field(
        default=None, description="learn from the most important tokens alone"
    )
    fusion: FusionSettings | None = Field(
        default=None, description="with several teachers: how much each is heard"
    )
    on_policy: OnPolicySettings | None = Field(
        default=None, description="learn from responses of the student's own; left out, from the corpus alone"
    )
    mean_teacher: MeanTeacherSettings | None = Field(
        default=None, description="learn from the student's own average instead of a teacher"
    )
    mutual: MutualSettings | None = Field(
        default=None,
        description="learn from a second student, which learns from the first, instead of a teacher",
    )
    exits: ExitSettings | None = Field(
        default=None, description="let layers before the last predict the response while training"
    )

    @property
    def has_soft_term(self) -> bool:
        """Whether the teacher's distributions are ever used."""
        return max(_ends(self.alpha)) > 0.0

    @property
    def has_hidden_term(self) -> bool:
        """Whether the teacher's hidden states are ever used."""
        return max(_ends(self.hidden_weight)) > 0.0

    @property
    def needs_teacher(self) -> bool:
        """Whether another model teaches."""
        soft = self.has_soft_term and self.mean_teacher is None and self.mutual is None
        return soft or self.has_hidden_term or bool(self.terms)

    @property
    def constant_temperature(self) -> float | None:
        """τ where it is a number; None where it moves."""
        return None if isinstance(self.temperature, ScheduleSettings) else self.temperature

    @model_validator(mode="after")
    def _values_in_range(self) -> Self:
        if not all(0.0 <= end <= 1.0 for end in _ends(self.alpha)):
            raise ValueError("`alpha` in [0, 1], at both ends of a schedule")
        if not all(0.0 < end < inf for end in _ends(self.temperature)):
            raise ValueError("`temperature` above 0, at both ends of a schedule")
        _require_weight("hidden_weight", self.hidden_weight)
        if self.layer_mix is not None and not self.has_hidden_term:
            raise ValueError("`layer_mix` with `hidden_weight` above 0: the shares are learned from its loss")
        if self.layer_mix_start is not None and self.layer_mix is None:
            raise ValueError("`layer_mix_start` with `layer_mix`, whose shares it starts")
        if self.mean_teacher is not None and self.mutual is not None:
            raise ValueError("either `mean_teacher` or `mutual`")
        for name in ("mean_teacher", "mutual"):
            if getattr(self, name) and (self.has_hidden_term or self.terms or self.fusion):
                raise ValueError(
                    f"`{name}` without hidden terms, further terms and fusion: it replaces the teacher"
                )
        return self


def _require_weight(name: str, value: Scheduled) -> None:
    if not all(0.0 <= end < inf for end in _ends(value)):
        raise ValueError(f"`{name}` of at least 0, at both ends of a schedule")


def _ends(value: Scheduled) -> tuple[float, ...]:
    return (value.start, value.end) if isinstance(value, ScheduleSettings) else (value,)
