"""A pretrained encoder as teacher: its lower layers frozen, the upper ones and a head trained."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from stillroom.models.bedside.blocks import Words, mean_of_tokens, mean_of_words, through
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.pretrained import Pretrained, pretrained
from stillroom.models.bedside.settings import PretrainedSettings
from stillroom.models.bedside.text import inputs_read
from stillroom.models.precision import cpu_computes_bfloat16
from stillroom.types import ModelError
from stillroom.types.cases import TOKENS

_AT_ONCE = 32


class Frozen:
    """The lower layers of an encoder, which compute each text once in a process; in bfloat16 where the CPU does.

    Args:
        encoder: all of it.
        layers: how many of its layers.
    """

    def __init__(self, encoder: Pretrained, layers: int) -> None:
        self._encoder, self._layers = encoder, layers
        self._known: dict[bytes, Tensor] = {}

    @property
    def words(self) -> Words:
        """The encoder's word pieces."""
        return self._encoder.words

    def through(self, words: Tensor, real: Tensor) -> Tensor:
        """The layers on embedded word pieces ``(batch, time, width)``, in float32 and with a gradient."""
        for block in self._encoder.blocks[: self._layers]:
            words = block(words, real)
        return words

    def __call__(self, tokens: Tensor) -> list[Tensor]:
        """Tokens of each text after the layers, ``(time, width)``."""
        texts = {row.numpy().tobytes(): row for row in (text[text >= 0] for text in tokens.cpu())}
        new = sorted((key for key in texts if key not in self._known), key=lambda key: len(texts[key]))
        for start in range(0, len(new), _AT_ONCE):
            part = new[start : start + _AT_ONCE]
            padded = pad_sequence([texts[key] for key in part], batch_first=True, padding_value=-1)
            with torch.autocast("cpu", torch.bfloat16, enabled=cpu_computes_bfloat16()):
                found = self._encoder(padded, self._layers).float()
            for key, hidden in zip(part, found, strict=True):
                self._known[key] = hidden[: len(texts[key])].clone()
        return [self._known[text[text >= 0].numpy().tobytes()] for text in tokens.cpu()]


class PretrainedNetwork(BedsideNetwork):
    """The mean of an encoder's tokens, of the text or of each word, and a head; frozen layers are not written with it.

    What the frozen layers make of a text is computed once: with no trained layers the means, else its tokens.
    """

    needs: tuple[str, ...]

    def __init__(self, settings: PretrainedSettings, form: Form) -> None:
        super().__init__()
        self.needs = inputs_read(form, TOKENS)
        encoder = pretrained(settings.encoder)
        frozen = len(encoder.blocks) - settings.trained_layers
        if frozen < 0:
            raise ModelError(
                f"{settings.trained_layers} trained layers of {len(encoder.blocks)}",
                f"at most {len(encoder.blocks)}",
                "lower trained_layers",
            )
        # In a tuple it is no module of this one: it is neither trained nor kept.
        self._frozen = (_shared(settings.encoder, frozen),)
        self.blocks = copy.deepcopy(encoder.blocks[frozen:])
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(encoder.width, len(form.head.names))

    @property
    def remembers(self) -> bool:
        """The frozen layers compute each text once in a process."""
        return True

    def recall(self, inputs: Mapping[str, Tensor]) -> None:
        """Let the frozen layers compute texts."""
        self._frozen[0](inputs[TOKENS])

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """The means of texts, where no layer is trained; else the inputs: the frozen layers keep what they computed."""
        ahead = len(self.blocks) == 0 and len(self.needs) == 1
        return {"pooled": self._pooled(inputs)[0]} if ahead else inputs

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the text or its words as ``pooled``, and the trained layers as :func:`blocks.through` does."""
        if "pooled" in read:
            return self._shown(read["pooled"], {})
        return self._shown(*self._pooled(read))

    @property
    def words(self) -> Words:
        """The word pieces that it reads."""
        return self._frozen[0].words

    def show_words(self, words: Tensor, real: Tensor) -> Shown:
        """The same from embedded word pieces ``(batch, time, width)`` of whole texts, where attributions begin."""
        hidden, features = through(self.blocks, self._frozen[0].through(words, real), real)
        return self._shown(mean_of_tokens(hidden, real), features)

    def _shown(self, pooled: Tensor, features: Mapping[str, Tensor]) -> Shown:
        return Shown(self.head(self.dropout(pooled)), {"pooled": pooled, **features}, {})

    def _pooled(self, inputs: Mapping[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        real = inputs[TOKENS] >= 0
        frozen = pad_sequence(self._frozen[0](inputs[TOKENS]), batch_first=True).to(real.device)
        hidden, features = through(self.blocks, frozen, real)
        words = self.needs[1:]
        pooled = mean_of_words(hidden, inputs[words[0]]) if words else mean_of_tokens(hidden, real)
        return pooled, features


_FROZEN: dict[tuple[str, int], Frozen] = {}


def _shared(name: str, layers: int) -> Frozen:
    """One for each encoder and depth, so that members of a committee read every text once."""
    return _FROZEN.setdefault((name, layers), Frozen(pretrained(name), layers))
