"""The deployed student: an OpenVINO graph as a :class:`stillroom.types.Predictor`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.export.openvino_graph import FIRST, compile_graph
from stillroom.export.settings import RuntimePrecision
from stillroom.types import Encoded


class OpenVinoPredictor:
    """Measures one sequence at a time (batch 1), as it is used at the bedside; no state is left between sequences.

    Logits and generated text come from the same compiled graph, so that what is measured is what is used.

    Attributes:
        runtime: ``openvino``.
        precision: the number format in use; f32 where bf16 was asked of a processor that lacks it.
    """

    runtime = "openvino"

    def __init__(self, graph: Path, *, end_of_turn: int, precision: RuntimePrecision) -> None:
        """Compile a graph.

        Args:
            graph: ``openvino_model.xml`` of a bundle.
            end_of_turn: id of the token that ends a response.
            precision: number format of activations and sums.

        Raises:
            ExportError: the file is no graph of this kind.
            MissingExtraError: OpenVINO is absent.
        """
        compiled = compile_graph(graph, precision)
        self.precision: str = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        self._request: Any = compiled.create_infer_request()
        self._end_of_turn = end_of_turn
        self._position = 0

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        """Yield the logits that predict each row's response, shape ``(response, vocab)``."""
        for row in rows:
            self._position = 0
            yield self._read(row.ids[None, :-1], first=row.start - 1)[0]

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        """Yield greedily decoded ids without the end-of-turn token."""
        for prompt in prompts:
            response: list[int] = []
            token = self.prefill(prompt)
            while token != self._end_of_turn and len(response) < max_new_tokens:
                response.append(token)
                token = self.decode(token)
            yield response

    def prefill(self, prompt: Sequence[int]) -> int:
        """Read a prompt from an empty state and return the likeliest next token."""
        return self.prefill_many([prompt])[0]

    def decode(self, token: int) -> int:
        """Read one more token and return the likeliest next one."""
        return self.decode_many([token])[0]

    def prefill_many(self, prompts: Sequence[Sequence[int]]) -> list[int]:
        """Read prompts of equal length from an empty state and return the likeliest next token of each."""
        self._position = 0
        return self._greedy(np.asarray(prompts, dtype=np.int64))

    def decode_many(self, tokens: Sequence[int]) -> list[int]:
        """Read one more token of each and return the likeliest next ones."""
        return self._greedy(np.asarray(tokens, dtype=np.int64)[:, None])

    def _greedy(self, ids: NDArray[np.int64]) -> list[int]:
        likeliest: list[int] = self._read(ids, first=ids.shape[1] - 1)[:, -1].argmax(axis=-1).tolist()
        return likeliest

    def _read(self, ids: NDArray[np.int64], first: int) -> NDArray[np.float32]:
        """Logits from position ``first`` of what is read on, shape ``(batch, read - first, vocab)``."""
        if self._position == 0:
            self._request.reset_state()
        batch, read = ids.shape
        end = self._position + read
        self._request.infer(
            {
                "input_ids": ids,
                "attention_mask": np.ones((batch, end), dtype=np.int64),
                "position_ids": np.tile(np.arange(self._position, end, dtype=np.int64), (batch, 1)),
                "beam_idx": np.arange(batch, dtype=np.int32),
                FIRST: np.array([first], dtype=np.int64),
            }
        )
        self._position = end
        return np.array(self._request.get_tensor("logits").data, dtype=np.float32)
