"""A decoder language model as teacher of texts: all of it frozen, a head on what it makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from stillroom.models.bedside.blocks import mean_of_tokens
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.settings import DecoderSettings
from stillroom.models.bedside.text import inputs_read
from stillroom.models.decoder import body, decoder_layers, depth, width
from stillroom.models.precision import cpu_computes_bfloat16
from stillroom.models.settings import ModelSettings
from stillroom.models.teacher import load_teacher
from stillroom.types import ModelError
from stillroom.types.cases import TOKENS, Case
from stillroom.types.packages import find_file

_AT_ONCE = 16
_TOKENIZER_FILE = "tokenizer.json"


class Spelled:
    """A language model that reads texts as another tokenizer spells them, each once in a process.

    Args:
        settings: the model, the tokenizer of the cases and how many layers are run.

    Raises:
        ModelError: no such model or tokenizer, or more layers than the model has.
    """

    def __init__(self, settings: DecoderSettings) -> None:
        self._spelling = _tokenizer(settings.tokenizer)
        language = load_teacher(ModelSettings(model=settings.model, revision=settings.revision))
        wanted = settings.layers or depth(language.network)
        if wanted > depth(language.network):
            raise ModelError(
                f"{wanted} layers of {settings.model!r}, which has {depth(language.network)}",
                f"at most {depth(language.network)}",
                "lower layers",
            )
        self.width = width(language.network)
        self._body, self._tokenizer = body(language.network).eval(), language.tokenizer
        self._body.layers = decoder_layers(language.network)[:wanted]
        self._known: dict[bytes, Tensor] = {}

    @torch.no_grad()
    def __call__(self, tokens: Tensor) -> Tensor:
        """From the cases' tokens ``(batch, time)``, −1 where there is none, to means of its own ``(batch, width)``."""
        rows = [row[row >= 0].cpu().numpy() for row in tokens]
        new = {row.tobytes(): row.tolist() for row in rows if row.tobytes() not in self._known}
        texts = {key: self._spelling.decode(ids) for key, ids in new.items()}
        ordered = sorted(texts, key=lambda key: len(texts[key]))
        for start in range(0, len(ordered), _AT_ONCE):
            part = ordered[start : start + _AT_ONCE]
            self._known |= dict(zip(part, self._read([texts[key] for key in part]), strict=True))
        return torch.stack([self._known[row.tobytes()] for row in rows])

    def _read(self, texts: Sequence[str]) -> Tensor:
        ids = self._tokenizer(list(texts), padding=True, padding_side="right", return_tensors="pt")
        with torch.autocast("cpu", torch.bfloat16, enabled=cpu_computes_bfloat16()):
            hidden = self._body(**ids, use_cache=False).last_hidden_state
        return mean_of_tokens(hidden.float(), ids["attention_mask"] > 0)


class DecoderNetwork(BedsideNetwork):
    """A head on the mean of a language model's tokens, each channel scaled by the training cases.

    The model itself is not written with it.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, settings: DecoderSettings, form: Form) -> None:
        super().__init__()
        self.needs = inputs_read(form, TOKENS)
        if len(self.needs) > 1:
            raise ModelError("cases that mark words, for a decoder", "whole texts", "choose another teacher")
        # In a tuple it is no module of this one: it is neither trained nor kept.
        self._reader = (_shared(settings),)
        wide = self._reader[0].width
        self.register_buffer("centre", torch.zeros(wide))
        self.register_buffer("spread", torch.ones(wide))
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(wide, len(form.head.names))

    @property
    def remembers(self) -> bool:
        """The model reads each text once in a process."""
        return True

    def recall(self, inputs: Mapping[str, Tensor]) -> None:
        """Let the model read texts."""
        self._reader[0](inputs[TOKENS])

    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Scale channels by the training cases."""
        texts = [torch.from_numpy(case.inputs[TOKENS]) for case in cases]
        means = self._reader[0](pad_sequence(texts, batch_first=True, padding_value=-1))
        self.centre.copy_(means.mean(0))
        self.spread.copy_(means.std(0, correction=0).clamp_min(torch.finfo(means.dtype).eps))

    def read(self, inputs: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """What the model makes of texts, scaled."""
        return {"pooled": (self._reader[0](inputs[TOKENS]) - self.centre) / self.spread}

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits and the text."""
        return Shown(self.head(self.dropout(read["pooled"])), {"pooled": read["pooled"]}, {})


@cache
def _shared(settings: DecoderSettings) -> Spelled:
    """One for all members of a committee, so that every text is read once."""
    return Spelled(settings)


def _tokenizer(name: str) -> Tokenizer:
    path = find_file(name, _TOKENIZER_FILE)
    if path is None:
        raise ModelError(
            f"no {_TOKENIZER_FILE} in {name!r}",
            "the package or folder that the cases were read with",
            "name the one of data.tokenizer",
        )
    return Tokenizer.from_file(str(path))
