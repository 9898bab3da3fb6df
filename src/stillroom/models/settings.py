"""Settings of the teacher and of the student's architecture."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stillroom.types import Settings

WeightPrecision = Literal["bfloat16", "int8", "nf4"]
Precision = Literal["float32", WeightPrecision, "gguf"]
LayerChoice = Literal["uniform", "spaced", "first", "last", "similarity"]
LayerMapRule = Literal["uniform", "similarity"]


class ModelSettings(Settings):
    """Which model is meant."""

    model: str = Field(
        description="name of a packaged model (`stillroom models list`), a local folder of safetensors, or a model of "
        "the Hugging Face hub, owner/name"
    )
    revision: str | None = Field(
        default=None, description="branch, tag or commit of a model of the hub; null is its main branch"
    )


class ExamplesSettings(Settings):
    """Some of the training examples. Teachers whose intervals overlap learn from overlapping parts of the corpus."""

    kinds: tuple[str, ...] | None = Field(default=None, description="only of these kinds of task")
    specialties: tuple[str, ...] | None = Field(default=None, description="only of these specialties")
    between: tuple[Annotated[float, Field(ge=0, le=1)], Annotated[float, Field(ge=0, le=1)]] = Field(
        default=(0.0, 1.0),
        description="only groups whose hash, even over 0 to 1, lies from the first number to below the second",
    )


class TeacherSettings(ModelSettings):
    """Which model teaches."""

    precision: Precision = Field(
        default="float32",
        description="how its weights are held while it teaches: int8 has one scale a row, nf4 is 4-bit with double "
        "quantisation, gguf leaves a GGUF file's blocks packed; products are computed in float32 or autocast's format",
    )
    offload: bool = Field(
        default=False,
        description="keep its layers on the CPU and copy each to the CUDA device for its turn: slower, less device "
        "memory",
    )
    examples: ExamplesSettings | None = Field(
        default=None, description="which training examples it is adapted to; null for all of them"
    )


class ChosenLayers(Settings):
    """Layers that are chosen by a rule, instead of listed."""

    choose: LayerChoice = Field(
        description="uniform: the last layer of each of `count` equal blocks; spaced: first and last, and between "
        "them at equal distances; first; last; similarity: those that change the hidden states most, by CKA on "
        "training rows"
    )
    count: int = Field(ge=1, description="how many layers the student has")


class WidthSettings(Settings):
    """How narrow the student is. The channels, heads and neurons that matter most on training rows are kept."""

    hidden: int | None = Field(
        default=None, ge=1, description="width of its hidden states; null keeps all channels"
    )
    ffn: int | None = Field(
        default=None, ge=1, description="neurons of each feed-forward part; null keeps all"
    )
    heads: int | None = Field(default=None, ge=1, description="query heads of each layer; null keeps all")
    kv_heads: int | None = Field(default=None, ge=1, description="heads of keys and values; null keeps all")


class StudentSettings(Settings):
    """What the student starts as: a cut of its teacher, or of another model."""

    layers: Annotated[tuple[int, ...], Field(min_length=1)] | ChosenLayers | Literal["all"] = Field(
        description="layers that the student keeps of the model it starts from: a list, ascending, counted from 0, "
        "a rule that chooses them, or all"
    )
    width: WidthSettings | None = Field(default=None, description="how narrow it is; null keeps the width")
    start_from: ModelSettings | None = Field(
        default=None,
        description="the model that it starts from, with that model's tokenizer; null is the teacher",
    )
    calibration_rows: int | None = Field(
        default=None,
        ge=2,
        description="training rows on which similarity and importance are measured, where they are",
    )
    layer_map: tuple[tuple[int, int], ...] | LayerMapRule | None = Field(
        default=None,
        description="which teacher layer each student layer should equal in terms on hidden states: uniform, "
        "similarity, or a list of pairs (student layer, teacher layer); null follows from the cut: what the student's "
        "next layer was trained to read",
    )

    @model_validator(mode="after")
    def _measured_on_something(self) -> Self:
        chosen = isinstance(self.layers, ChosenLayers) and self.layers.choose == "similarity"
        if self.calibration_rows is None and (chosen or self.width or self.layer_map == "similarity"):
            raise ValueError("`calibration_rows`, on which similarity and importance are measured")
        return self

    def depth(self, layers: int) -> int:
        """Number of the student's layers.

        Args:
            layers: of the model that it starts from.
        """
        if isinstance(self.layers, ChosenLayers):
            return self.layers.count
        return layers if self.layers == "all" else len(self.layers)
