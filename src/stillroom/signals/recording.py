"""What was recorded, of whom, and the name of each record.

A record is found by the SHA-256 of what it is about: the tokens, where the response starts, the teacher, the
tokenizer, the temperature and what was kept. No shuffle, packing, accumulation or rank can pair a student with
another row's record, and a row whose tokens differ in one place has no record at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from transformers import PreTrainedTokenizerBase

from stillroom.models.decoder import output_matrix
from stillroom.models.language_model import LanguageModel
from stillroom.signals.attention import AttentionFormat
from stillroom.signals.content import content_key
from stillroom.signals.settings import (
    AttentionSettings,
    LayerFormat,
    SampledTargets,
    SignalSettings,
    TopKTargets,
)
from stillroom.types import Encoded, SignalError
from stillroom.types.files import fingerprint

NAME_BYTES = 16


@dataclass(frozen=True, slots=True)
class Recording:
    """What every record of a store has in common.

    Attributes:
        teacher: fingerprint of the teacher's weights.
        tokenizer: fingerprint of its vocabulary.
        width: size of a hidden state.
        vocab: classes of the output.
        targets: what is kept of the distributions: the recipe's ``signals.targets``.
        temperature: τ of what was kept; None where it serves any.
        seed: of the draws; None where there are none.
        layers: teacher layers, counted from 0, whose output is kept.
        layer_format: how it is kept.
        attention: what is kept of the attention; None for nothing.
    """

    teacher: str
    tokenizer: str
    width: int
    vocab: int
    targets: Mapping[str, Any]
    temperature: float | None
    seed: int | None
    layers: tuple[int, ...]
    layer_format: LayerFormat
    attention: AttentionFormat | None = None

    @classmethod
    def of(
        cls,
        teacher: LanguageModel,
        settings: SignalSettings,
        *,
        layers: tuple[int, ...],
        temperature: float,
        seed: int,
    ) -> Self:
        """Describe what a teacher will be asked.

        Raises:
            SignalError: more classes are to be kept than the vocabulary has, or a layer is to be observed that the
                teacher does not have.
        """
        targets = settings.targets
        vocab = output_matrix(teacher.network).shape[0]
        if isinstance(targets, TopKTargets) and targets.classes >= vocab:
            raise SignalError(
                f"signals.targets.classes is {targets.classes}",
                f"at most {vocab - 1}, one less than the teacher's vocabulary",
                "lower it, or keep the whole distribution with kind 'hidden'",
            )
        return cls(
            teacher=teacher.fingerprint(),
            tokenizer=tokenizer_fingerprint(teacher.tokenizer),
            width=teacher.network.config.hidden_size,
            vocab=vocab,
            targets=targets.model_dump(),
            temperature=None if settings.any_temperature else temperature,
            seed=seed if isinstance(targets, SampledTargets) else None,
            layers=layers,
            layer_format=settings.layer_format,
            attention=_attention(settings.attention, teacher),
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all of it."""
        return fingerprint(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        plain = {**asdict(self), "layers": list(self.layers)}
        # Without attention a record has the name, and therefore the draws, that it had before there was any.
        attention = plain.pop("attention")
        if attention is None:
            return plain
        return {**plain, "attention": {**attention, "layers": list(attention["layers"])}}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Rebuild from :meth:`to_dict`."""
        found = data.get("attention")
        attention = found and AttentionFormat(**{**found, "layers": tuple(found["layers"])})
        return cls(**{**data, "layers": tuple(data["layers"]), "attention": attention})


def _attention(settings: AttentionSettings | None, teacher: LanguageModel) -> AttentionFormat | None:
    if settings is None:
        return None
    config = teacher.network.config
    if not all(0 <= layer < config.num_hidden_layers for layer in settings.layers):
        raise SignalError(
            f"signals.attention.layers is {list(settings.layers)}",
            f"layers of the teacher, from 0 to {config.num_hidden_layers - 1}",
            "correct signals.attention.layers",
        )
    mean = settings.heads == "mean"
    heads = 1 if mean else config.num_attention_heads
    return AttentionFormat(settings.layers, heads, mean, settings.precision)


def record_key(recording: str, row: Encoded) -> bytes:
    """Name a row's record, 16 bytes: half a SHA-256, which no two of 10¹⁵ rows share by chance.

    Args:
        recording: fingerprint of the recording.
        row: its tokens, and where its response starts.
    """
    return hashlib.sha256(bytes.fromhex(recording) + bytes.fromhex(content_key(row))).digest()[:NAME_BYTES]


def tokenizer_fingerprint(tokenizer: PreTrainedTokenizerBase) -> str:
    """SHA-256 of the vocabulary: which text each id stands for."""
    return fingerprint(tokenizer.get_vocab())
