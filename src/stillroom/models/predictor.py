"""A language model in PyTorch as a :class:`stillroom.types.Predictor`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.models.decoder import body, output_matrix
from stillroom.models.language_model import LanguageModel
from stillroom.types import Encoded

T = TypeVar("T")
_WINDOW_ROWS = 256


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
            for states in self._response_states(window):
                yield (states @ weight.T).cpu().numpy()

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
        """Last hidden states that predict each row's response, computed in batches of like length."""
        found: dict[int, Tensor] = {}
        by_length = sorted(range(len(rows)), key=lambda index: len(rows[index].ids))
        for batch in _batched(by_length, self._batch_rows):
            hidden = self._hidden(pad_right([rows[index].ids for index in batch])).float()
            for index, states in zip(batch, hidden, strict=True):
                found[index] = states[rows[index].start - 1 : len(rows[index].ids) - 1].clone()
        return [found[index] for index in range(len(rows))]

    def _hidden(self, ids: Tensor) -> Tensor:
        with self._autocast():
            hidden: Tensor = body(self._network)(
                ids.to(self._network.device), use_cache=False
            ).last_hidden_state
        return hidden

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


def _until(ids: list[int], end: int) -> list[int]:
    return ids[: ids.index(end)] if end in ids else ids


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
