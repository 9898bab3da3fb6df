"""A small transformer over word pieces: the student of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillroom.models.bedside.blocks import Block, Words, mean_of_tokens
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.pretrained import pretrained
from stillroom.models.bedside.settings import TextSettings
from stillroom.types import ModelError
from stillroom.types.cases import Case

TOKENS = "tokens"


class TextNetwork(BedsideNetwork):
    """Word pieces, widened, some layers, and a head on the mean of the tokens."""

    def __init__(self, settings: TextSettings, form: Form) -> None:
        super().__init__()
        if form.shapes.keys() != {TOKENS}:
            raise ModelError(
                f"inputs {', '.join(form.shapes)} for a reader of texts", TOKENS, "choose another network"
            )
        self._settings = settings
        self.words = Words(settings.vocabulary, settings.most_tokens, settings.word_width)
        self.widen = nn.Linear(settings.word_width, settings.width)
        self.blocks = nn.ModuleList(
            Block(settings.width, settings.heads, 4 * settings.width, settings.dropout)
            for _ in range(settings.layers)
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(settings.width, len(form.head.names))

    @torch.no_grad()
    def fit_inputs(self, cases: Sequence[Case]) -> None:
        """Start from the first principal components of a pretrained encoder's word pieces, where it names one.

        Raises:
            ModelError: a text is longer than the network reads, has a word piece beyond its vocabulary, or the
                encoder's vocabulary is another.
        """
        _refuse_unread(cases, self._settings)
        if self._settings.words_from is None:
            return
        theirs = pretrained(self._settings.words_from).words
        if theirs.words.num_embeddings != self._settings.vocabulary:
            raise ModelError(
                f"{theirs.words.num_embeddings} word pieces of {self._settings.words_from}",
                f"{self._settings.vocabulary}, as student.vocabulary says",
                "set student.vocabulary",
            )
        axes = _principal(theirs.words.weight, self._settings.word_width)
        self.words.words.weight.copy_(theirs.words.weight @ axes)
        self.words.places.weight.copy_(theirs.places.weight[: self._settings.most_tokens] @ axes)

    def show(self, read: Mapping[str, Tensor]) -> Shown:
        """Show logits, the sentence as ``pooled``, and the tokens after each layer as ``layer1`` and so on."""
        tokens = read[TOKENS]
        real = tokens >= 0
        if self.training and self._settings.word_dropout:
            lost = torch.rand(tokens.shape, device=tokens.device) < self._settings.word_dropout
            tokens = torch.where(lost & real, self._settings.unknown, tokens)
        return self.show_words(self.words(tokens), real)

    def show_words(self, words: Tensor, real: Tensor) -> Shown:
        """The same from embedded word pieces ``(batch, time, width)``, where attributions begin."""
        hidden = self.dropout(functional.gelu(self.widen(words)))
        features = {}
        for number, block in enumerate(self.blocks, 1):
            hidden = features[f"layer{number}"] = block(hidden, real)
        pooled = mean_of_tokens(hidden, real)
        return Shown(self.head(self.dropout(pooled)), {"pooled": pooled, **features}, {})


def _principal(words: Tensor, width: int) -> Tensor:
    """The first principal axes of rows, ``(their width, width)``, each signed by its largest entry."""
    centred = (words - words.mean(0)).double()
    _, axes = torch.linalg.eigh(centred.T @ centred)
    first = axes[:, -width:].flip(1)
    signs = first.gather(0, first.abs().argmax(0, keepdim=True)).sign()
    signed: Tensor = first * signs
    return signed.to(words.dtype)


def _refuse_unread(cases: Sequence[Case], settings: TextSettings) -> None:
    longest = max(len(case.inputs[TOKENS]) for case in cases)
    last = max(int(case.inputs[TOKENS].max()) for case in cases)
    if longest > settings.most_tokens or last >= settings.vocabulary:
        raise ModelError(
            f"a text of {longest} tokens, or word piece number {last}",
            f"at most {settings.most_tokens} tokens of {settings.vocabulary} word pieces",
            "set student.most_tokens and student.vocabulary",
        )
