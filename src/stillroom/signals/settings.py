"""The ``signals`` block of a recipe: what is kept of the teacher, and how."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stillroom.types import Settings

LayerFormat = Literal["float16", "bfloat16", "int8"]
AttentionPrecision = Literal["float16", "bfloat16", "uint8"]


class HiddenTargets(Settings):
    """The last hidden state: the whole distribution, at any temperature, in 2·width bytes a token."""

    kind: Literal["hidden"] = Field(description="what is kept of the distribution of each response token")


class SampledTargets(Settings):
    """Draws with replacement: an unbiased target in a few dozen bytes a token, for forward KL."""

    kind: Literal["sampled"] = Field(description="what is kept of the distribution of each response token")
    draws: int = Field(ge=1, le=4096, description="draws a token; 50 come close to the whole distribution")


class TopKTargets(Settings):
    """The likeliest classes and the probability of all others together, for any divergence."""

    kind: Literal["top_k"] = Field(description="what is kept of the distribution of each response token")
    classes: int = Field(ge=1, description="k, classes kept a token")


Targets = HiddenTargets | SampledTargets | TopKTargets


class AttentionSettings(Settings):
    """Where the teacher looks: from each response token at every token before it, so the size grows with the length."""

    layers: tuple[int, ...] = Field(
        min_length=1,
        description="teacher layers that are observed, counted from 0, in the order of the student's",
    )
    heads: Literal["mean", "each"] = Field(
        description="the mean over heads, which serves a student with any number of them, or each head"
    )
    precision: AttentionPrecision = Field(
        description="of each probability; uint8 holds square roots: 1 byte, at most 1/254 of the largest off"
    )


class EncryptionSettings(Settings):
    """Where the key is; the key itself never stands in a recipe."""

    key_file: str | None = Field(default=None, description="file that holds the key: 64 hexadecimal digits")
    key_variable: str | None = Field(default=None, description="environment variable that holds the key")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.key_file is None) == (self.key_variable is None):
            raise ValueError("either key_file or key_variable")
        return self


class SignalSettings(Settings):
    """What the teacher is asked, and whether its answers are recorded."""

    source: Literal["recorded", "live"] = Field(
        default="recorded",
        description="recorded: the teacher is run once, for all epochs and students. live: it is run at every step, "
        "and nothing that it says lies on the disk",
    )
    targets: Annotated[Targets, Field(discriminator="kind")] = Field(
        description="the teacher's distribution of each response token"
    )
    layer_format: LayerFormat = Field(
        description="format of the mapped layers' hidden states; int8 has one scale a token and layer"
    )
    attention: AttentionSettings | None = Field(
        default=None, description="attention of chosen layers; null for none"
    )
    shard_tokens: int = Field(
        gt=0, description="response tokens of one file; a killed collection loses at most one file's work"
    )
    encryption: EncryptionSettings | None = Field(
        description="AES-GCM at rest; null for none: files are readable by their owner alone in any case"
    )

    @property
    def any_temperature(self) -> bool:
        """Whether what is kept serves every temperature and needs no draws."""
        return isinstance(self.targets, HiddenTargets)


EXACT = SignalSettings(
    targets=HiddenTargets(kind="hidden"), layer_format="float16", shard_tokens=2**14, encryption=None
)
"""The whole distribution and exact enough layers, unencrypted."""
