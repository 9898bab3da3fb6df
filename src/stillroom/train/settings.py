"""Settings of one training: its budget, its optimiser, and when it stops."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stillroom.models.settings import WeightPrecision
from stillroom.types import Settings

Tracker = Literal["tensorboard", "wandb", "mlflow", "trackio"]


class LoraSettings(Settings):
    """Low-rank adapters beside the network's matrices; they alone are trained, and are merged at the end.

    With a quantised ``base`` this is QLoRA: adapters learn beside rounded matrices, and it is these, dequantised, that
    they are added to.

    Source: Hu et al. 2022 (arXiv:2106.09685); Dettmers et al. 2023 (arXiv:2305.14314).
    """

    rank: int = Field(gt=0, description="r, rank of the update of each matrix")
    alpha: float = Field(gt=0, description="the update is scaled by alpha / rank")
    dropout: float = Field(ge=0, lt=1, description="share of an adapter's inputs that is dropped in training")
    targets: Literal["all-linear"] | tuple[str, ...] = Field(
        min_length=1,
        description="names of the matrices that get one, such as q_proj; 'all-linear' leaves out the output matrix",
    )
    base: Literal["float32", WeightPrecision] = Field(
        default="float32",
        description="how the frozen matrices of the layers are held meanwhile; the merged network is float32 again, "
        "with these matrices as they were rounded",
    )


class EarlyStoppingSettings(Settings):
    """Stop when the validation loss no longer falls, and keep the weights of its lowest point."""

    figure: Literal["task", "loss"] = Field(
        description="whose loss is watched on validation rows: the task's, or the objective that is minimised"
    )
    patience: int = Field(gt=0, description="evaluations without a new lowest value before training stops")


class DivergenceGuardSettings(Settings):
    """Stop when the loss stays far above where it was."""

    loss_ratio: float = Field(
        gt=1, description="a loss above this multiple of its running median is too high"
    )
    steps: int = Field(gt=0, description="stop after this many such steps in a row")


class RoundingStage(Settings):
    """From when on weights are rounded while training, and to what."""

    since: float = Field(ge=0, lt=1, description="share of the steps at which it begins")
    bits: int = Field(ge=2, le=8, description="bits of a weight; blocks of 32 share a scale and a zero point")


class TrainSettings(Settings):
    """The budget and the optimiser (AdamW). A feature that is left out is off."""

    seed: int | None = Field(
        default=None, ge=0, lt=2**32, description="of this training; left out, the recipe's own"
    )
    steps: int = Field(gt=0, description="optimiser steps; with tokens_per_step, the budget")
    tokens_per_step: int = Field(gt=0, description="tokens of one optimiser step, padding included")
    tokens_per_pass: Annotated[int, Field(gt=0)] | Literal["auto"] = Field(
        description="tokens of one forward and backward pass; bounds the memory and does not change the update; "
        "'auto' finds the largest that fits memory_budget_gib"
    )
    memory_budget_gib: float | None = Field(
        default=None,
        gt=0,
        description="with tokens_per_pass auto: most memory of a pass in GiB (activations, gradients, temporary "
        "tensors), beside weights and optimiser state",
    )
    packing: bool = Field(
        default=False,
        description="lay rows of any length end to end instead of padding rows of like length; tokens_per_step and "
        "tokens_per_pass then count no padding. For devices whose attention is cheap beside padding",
    )
    learning_rate: float = Field(gt=0, description="peak learning rate")
    schedule: Literal["cosine", "linear", "constant"] = Field(
        description="course of the learning rate after the warm-up"
    )
    final_learning_rate_share: float = Field(
        ge=0, le=1, description="share of the peak that the schedule ends at; 1 for a constant one"
    )
    warmup_share: float | None = Field(
        default=None, ge=0, lt=1, description="share of the steps with linear warm-up; or give warmup_steps"
    )
    warmup_steps: int | None = Field(
        default=None, ge=0, description="steps with linear warm-up; or give warmup_share"
    )
    weight_decay: float = Field(ge=0, description="decoupled weight decay of matrices; norms are not decayed")
    betas: tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]] = Field(
        description="AdamW's decay of the gradient's mean and of its square"
    )
    epsilon: float = Field(gt=0, description="AdamW's ε, added to the root of the mean square")
    max_grad_norm: float = Field(gt=0, description="gradients are clipped to this global norm")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        description="'auto' takes bfloat16 where its products are faster, float32 elsewhere; master weights are float32"
    )
    gradient_checkpointing: bool = Field(
        description="keep only each layer's input and compute the layer again on the way back: less memory, about a "
        "third more time, the same update"
    )
    lora: LoraSettings | None = Field(
        default=None, description="train low-rank adapters instead of all weights"
    )
    rounding: tuple[RoundingStage, ...] = Field(
        default=(),
        description="round the matrices in every pass as a quantised export would, in fewer and fewer bits; the "
        "gradient goes to the exact weights",
    )
    max_skipped_steps: int = Field(
        ge=0, description="steps whose loss or gradient is not finite that are left out before training stops"
    )
    divergence_guard: DivergenceGuardSettings | None = Field(
        default=None, description="when a rising loss stops the training"
    )
    early_stopping: EarlyStoppingSettings | None = Field(
        default=None, description="when a validation loss that no longer falls stops the training"
    )
    checkpoint_seconds: float = Field(gt=0, description="write a checkpoint when this much time has passed")
    keep_checkpoints: int = Field(gt=0, description="how many of the newest checkpoints are kept")
    evaluate_every_share: float = Field(
        gt=0, le=1, description="measure the validation loss each time this share of the steps is done"
    )
    trackers: tuple[Tracker, ...] = Field(
        default=(),
        description="experiment trackers that are told every step's figures, beside the run's own record",
    )

    @property
    def warmup(self) -> int:
        """Steps with linear warm-up."""
        if self.warmup_steps is not None:
            return self.warmup_steps
        return round((self.warmup_share or 0.0) * self.steps)

    @model_validator(mode="after")
    def _keys_agree(self) -> Self:
        if (self.warmup_share is None) == (self.warmup_steps is None):
            raise ValueError("either `warmup_share` or `warmup_steps`")
        if self.warmup >= self.steps:
            raise ValueError(f"a warm-up shorter than the {self.steps} steps")
        if isinstance(self.tokens_per_pass, str) != (self.memory_budget_gib is not None):
            raise ValueError("`memory_budget_gib` with `tokens_per_pass: auto`, and only then")
        stages = tuple(pairwise(self.rounding))
        if any(a.since >= b.since or a.bits <= b.bits for a, b in stages):
            raise ValueError("stages of `rounding` whose `since` rises and whose `bits` fall")
        if self.schedule == "constant" and self.final_learning_rate_share != 1.0:
            raise ValueError("`final_learning_rate_share: 1.0` with a constant schedule")
        return self
