"""A pretrained encoder as teacher: its lower layers frozen, the upper ones and a head trained."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from stillroom.models.bedside.blocks import Words, mean_of_tokens
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.pretrained import Pretrained, pretrained
from stillroom.models.bedside.settings import PretrainedSettings
from stillroom.models.precision import cpu_computes_bfloat16
from stillroom.types import ModelError

TOKENS = "tokens"
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
    """An encoder's sentence, the mean of its tokens, and a head; the frozen layers are not written with it.

    With no trained layers the frozen encoder's sentences are learned from as they are.
    """

    def __init__(self, settings: PretrainedSettings, form: Form) -> None:
        super().__init__()
        if form.shapes.keys() != {TOKENS}:
            raise ModelError(
                f"inputs {', '.join(form.shapes)} for a reader of texts", TOKENS, "choose another network"
            )
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

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """What the frozen layers make of a text: its tokens, NaN where it has none, or its sentence."""
        hidden = self._frozen[0](inputs[TOKENS])
        if len(self.blocks) == 0:
            return {"pooled": torch.stack([tokens.mean(0) for tokens in hidden])}
        return {"hidden": pad_sequence(hidden, batch_first=True, padding_value=torch.nan)}

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, and the sentence as ``pooled``."""
        if len(self.blocks) == 0:
            return self._shown(read["pooled"])
        real = ~read["hidden"][..., 0].isnan()
        return self._shown(self._sentence(read["hidden"].nan_to_num(0.0), real))

    @property
    def words(self) -> Words:
        """The word pieces that it reads."""
        return self._frozen[0].words

    def show_words(self, words: Tensor, real: Tensor) -> Shown:
        """The same from embedded word pieces ``(batch, time, width)``, where attributions begin."""
        return self._shown(self._sentence(self._frozen[0].through(words, real), real))

    def _shown(self, pooled: Tensor) -> Shown:
        return Shown(self.head(self.dropout(pooled)), {"pooled": pooled}, {})

    def _sentence(self, hidden: Tensor, real: Tensor) -> Tensor:
        for block in self.blocks:
            hidden = block(hidden, real)
        return mean_of_tokens(hidden, real)


_FROZEN: dict[tuple[str, int], Frozen] = {}


def _shared(name: str, layers: int) -> Frozen:
    """One for each encoder and depth, so that members of a committee read every text once."""
    return _FROZEN.setdefault((name, layers), Frozen(pretrained(name), layers))
