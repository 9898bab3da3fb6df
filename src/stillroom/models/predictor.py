"""A language model in PyTorch as a :class:`stillroom.types.Predictor`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.models.decoder import body, output_matrix
from stillroom.models.language_model import LanguageModel
from stillroom.types import Encoded

T = TypeVar("T")
_WINDOW_ROWS = 256
_LOGITS_TOKENS = 256
"""Enough for a product that does not wait for the output matrix, few enough for 50 MB of logits."""


class TorchPredictor:
    """Measures a network as it was trained: hidden states in ``precision``, logits in float32.

    Rows are padded on the right, where causal attention cannot see the padding, so neighbours never change a
    row's logits beyond rounding.
    """

    runtime = "pytorch"

    def __init__(
        self, model: LanguageModel, *, precision: torch.dtype = torch.float32, batch_rows: int = 16
    ) -> None:
        """Wrap a model; ``batch_rows`` rows are computed at once."""
        self._network = model.network.eval()
        self._tokenizer = model.tokenizer
        self._precision = precision
        self._batch_rows = batch_rows

    @torch.inference_mode()
    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        """Yield the logits that predict each row's response, shape ``(response, vocab)``."""
        weight = output_matrix(self._network).float()
        for window in _batched(rows, _WINDOW_ROWS):
            for group in _together(self._response_states(window), _LOGITS_TOKENS):
                logits = (torch.cat(group) @ weight.T).cpu().numpy()
                yield from np.split(logits, np.cumsum([len(states) for states in group[:-1]]))

    @torch.inference_mode()
    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        """Yield greedily decoded ids without the end-of-turn token."""
        end = self._tokenizer.eos_token_id
        for batch in _batched(prompts, self._batch_rows):
            width = max(map(len, batch))
            ids = torch.tensor([[end] * (width - len(prompt)) + list(prompt) for prompt in batch])
            seen = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in batch])
            with self._autocast():
                output = self._network.generate(
                    ids.to(self._network.device),
                    attention_mask=seen.to(self._network.device),
                    max_new_tokens=max_new_tokens,
                    do_sample=False,
                    eos_token_id=end,
                    pad_token_id=end,
                )
            yield from (_until(row, end) for row in output[:, width:].tolist())

    def _response_states(self, rows: Sequence[Encoded]) -> list[Tensor]:
        """Last hidden states that predict each row's response.

        Neighbours that answer one prompt share its reading; the others are computed in batches of like length.
        """
        found: dict[int, Tensor] = {}
        by_prompt = groupby(
            range(len(rows)), key=lambda index: rows[index].ids[: rows[index].start].tobytes()
        )
        groups = [part for _, group in by_prompt for part in _batched(group, self._batch_rows)]
        for group in groups:
            if len(group) > 1:
                found.update(zip(group, self._answers_to_one([rows[index] for index in group]), strict=True))
        alone = sorted((group[0] for group in groups if len(group) == 1), key=lambda index: rows[index].size)
        for batch in _batched(alone, self._batch_rows):
            hidden = self._read(pad_right([rows[index].ids for index in batch])).last_hidden_state.float()
            for index, states in zip(batch, hidden, strict=True):
                found[index] = states[rows[index].start - 1 : len(rows[index].ids) - 1].clone()
        return [found[index] for index in range(len(rows))]

    def _answers_to_one(self, rows: Sequence[Encoded]) -> list[Tensor]:
        """Last hidden states of several responses to one prompt, which is read once."""
        start = rows[0].start
        prompt = self._read(torch.from_numpy(rows[0].ids[:start])[None], use_cache=True)
        first, rest = prompt.last_hidden_state[0, -1:], pad_right([row.ids[start:-1] for row in rows])
        if not rest.shape[1]:
            return [first.float()] * len(rows)
        prompt.past_key_values.batch_repeat_interleave(len(rows))
        read = self._read(rest, past_key_values=prompt.past_key_values, use_cache=True).last_hidden_state
        pairs = zip(rows, read, strict=True)
        return [torch.cat([first, states[: len(row.targets) - 1]]).float() for row, states in pairs]

    def _read(self, ids: Tensor, *, past_key_values: Any = None, use_cache: bool = False) -> Any:
        """What the network's body says of token ids, after those whose keys and values are given."""
        with self._autocast():
            return body(self._network)(
                ids.to(self._network.device), past_key_values=past_key_values, use_cache=use_cache
            )

    def _autocast(self) -> torch.autocast:
        return torch.autocast(
            self._network.device.type, self._precision, enabled=self._precision != torch.float32
        )


def pad_right(sequences: Sequence[NDArray[np.int64]]) -> Tensor:
    """Stack sequences of ids, filling the right with token 0.

    >>> pad_right([np.array([5, 6]), np.array([7])])
    tensor([[5, 6],
            [7, 0]])
    """
    return torch.nn.utils.rnn.pad_sequence([torch.from_numpy(ids) for ids in sequences], batch_first=True)


def _together(parts: Iterable[Tensor], tokens: int) -> Iterator[list[Tensor]]:
    """Neighbours that have at most so many tokens together; a longer one stands alone."""
    group: list[Tensor] = []
    for part in parts:
        if group and sum(map(len, group)) + len(part) > tokens:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _until(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
