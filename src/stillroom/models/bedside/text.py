"""A small network over word pieces or characters: the student of texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from stillroom.models.bedside.blocks import Block, Convolved, Words, mean_of_tokens, mean_of_words, through
from stillroom.models.bedside.network import BedsideNetwork, Form, Shown
from stillroom.models.bedside.pretrained import pretrained
from stillroom.models.bedside.settings import TextSettings
from stillroom.types import ModelError
from stillroom.types.cases import WORDS_OF, Case

_DILATIONS = (1, 2, 4)


def inputs_read(form: Form, tokens: str) -> tuple[str, ...]:
    """The inputs that a reader of some tokens takes: these, and which of them make up each word, if cases mark words.

    Raises:
        ModelError: there are no such tokens.
    """
    if tokens not in form.shapes:
        raise ModelError(
            f"inputs {', '.join(form.shapes)} for a reader of texts", tokens, "choose another network"
        )
    return tuple(name for name in (tokens, WORDS_OF[tokens]) if name in form.shapes)


class TextNetwork(BedsideNetwork):
    """Tokens, widened, some layers, and a head on the mean of all tokens, or of those of each word."""

    needs: tuple[str, ...]

    def __init__(self, settings: TextSettings, form: Form) -> None:
        super().__init__()
        self.needs = inputs_read(form, settings.reads)
        if settings.word_layers and len(self.needs) == 1:
            raise ModelError(
                "layers over words, for cases that mark none", "tagged texts", "set word_layers: 0"
            )
        self._settings = settings
        self.words = Words(settings.vocabulary, settings.most_tokens, settings.word_width)
        self.widen = nn.Linear(settings.word_width, settings.width)
        self.blocks = nn.ModuleList(_layer(settings, at) for at in range(settings.layers))
        self.word_blocks = nn.ModuleList(_convolved(settings, at) for at in range(settings.word_layers))
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
        """Show logits, the text or its words as ``pooled``, and what :func:`blocks.through` shows."""
        tokens = read[self.needs[0]]
        real = tokens >= 0
        if self.training and self._settings.word_dropout:
            lost = torch.rand(tokens.shape, device=tokens.device) < self._settings.word_dropout
            tokens = torch.where(lost & real, self._settings.unknown, tokens)
        marks = read[self.needs[1]] if self.needs[1:] else None
        return self.show_words(self.words(tokens), real, marks)

    def show_words(self, words: Tensor, real: Tensor, marks: Tensor | None = None) -> Shown:
        """The same from embedded tokens ``(batch, time, width)``, where attributions begin.

        Args:
            words: the tokens.
            real: which of them a text has.
            marks: which of them make up each word; None: the whole text is told of.
        """
        hidden = self.dropout(functional.gelu(self.widen(words)))
        hidden, features = through(self.blocks, hidden, real)
        pooled = mean_of_tokens(hidden, real) if marks is None else self._words(hidden, marks)
        return Shown(self.head(self.dropout(pooled)), {"pooled": pooled, **features}, {})

    def _words(self, hidden: Tensor, words: Tensor) -> Tensor:
        pooled, real = mean_of_words(hidden, words), words[..., 0] >= 0
        for block in self.word_blocks:
            pooled = block(pooled, real)
        return pooled


def _layer(settings: TextSettings, at: int) -> nn.Module:
    if settings.mixing == "convolution":
        return _convolved(settings, at)
    return Block(settings.width, settings.heads, 4 * settings.width, settings.dropout)


def _convolved(settings: TextSettings, at: int) -> Convolved:
    return Convolved(settings.width, _DILATIONS[at % len(_DILATIONS)], settings.dropout)


def _principal(words: Tensor, width: int) -> Tensor:
    """The first principal axes of rows, ``(their width, width)``, each signed by its largest entry."""
    centred = (words - words.mean(0)).double()
    _, axes = torch.linalg.eigh(centred.T @ centred)
    first = axes[:, -width:].flip(1)
    signs = first.gather(0, first.abs().argmax(0, keepdim=True)).sign()
    signed: Tensor = first * signs
    return signed.to(words.dtype)


def _refuse_unread(cases: Sequence[Case], settings: TextSettings) -> None:
    longest = max(len(case.inputs[settings.reads]) for case in cases)
    last = max(int(case.inputs[settings.reads].max(initial=0)) for case in cases)
    if longest > settings.most_tokens or last >= settings.vocabulary:
        raise ModelError(
            f"a text of {longest} tokens, or word piece number {last}",
            f"at most {settings.most_tokens} tokens of {settings.vocabulary} word pieces",
            "set student.most_tokens and student.vocabulary",
        )
