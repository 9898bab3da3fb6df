"""A predictor as lm-evaluation-harness sees a model. Imports ``lm_eval`` (extra ``harness``): import this late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from lm_eval.api.model import TemplateLM

from stillroom.types import DataError, Encoded, Predictor

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Request = tuple[tuple[str, str], list[int], list[int]]


class PredictorLM(TemplateLM):  # type: ignore[misc]
    """Scores continuations and writes greedily with any :class:`stillroom.types.Predictor`, in its own runtime.

    Contexts are tokenised as the harness' own backend does for causal models: without special tokens, context and
    continuation together, and cut on the left where they are longer than the model can read.

    Args:
        predictor: who answers.
        tokenizer: its tokenizer.
        max_length: most tokens that it can read.
    """

    def __init__(self, predictor: Predictor, tokenizer: PreTrainedTokenizerFast, *, max_length: int) -> None:
        super().__init__()
        self._predictor, self._max_length = predictor, max_length
        self.tokenizer = tokenizer

    @property
    def eot_token_id(self) -> int:
        """The token that ends a text."""
        return int(self.tokenizer.eos_token_id)

    @property
    def prefix_token_id(self) -> int:
        """The token that stands before a text without context."""
        begin = self.tokenizer.bos_token_id
        return self.eot_token_id if begin is None else int(begin)

    @property
    def tokenizer_name(self) -> str:
        """What the harness notes beside its results."""
        return str(self.tokenizer.name_or_path)

    def tok_encode(self, string: str, add_special_tokens: bool | None = None, **_: Any) -> list[int]:
        """Tokenise."""
        ids: list[int] = self.tokenizer(string, add_special_tokens=bool(add_special_tokens))["input_ids"]
        return ids

    def _loglikelihood_tokens(self, requests: Sequence[Request], **_: Any) -> list[tuple[float, bool]]:
        """Sum of log-probabilities of each continuation, and whether greedy decoding would write it."""
        rows = [self._row(context, continuation) for _, context, continuation in requests]
        return [
            self._scored(row, logits) for row, logits in zip(rows, self._predictor.logits(rows), strict=True)
        ]

    def loglikelihood_rolling(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[float]:
        """Log-probability of whole texts, each after the token that begins a text.

        Raises:
            DataError: a text is longer than the model can read; windows are not implemented.
        """
        ids = [self.tok_encode(request.args[0]) for request in requests]
        if (longest := max(map(len, ids), default=0)) > self._max_length:
            raise DataError(
                f"a text of {longest} tokens",
                f"at most {self._max_length}",
                "score shorter texts, or use multiple choice",
            )
        scored = self._loglikelihood_tokens([(("", ""), [self.prefix_token_id], text) for text in ids])
        return [total for total, _ in scored]

    def generate_until(self, requests: Sequence[Any], disable_tqdm: bool = False) -> list[str]:
        """Write greedily, and cut where a stop string begins; sampling is not offered."""
        texts = []
        for request in requests:
            context, wanted = request.args
            room = int(wanted.get("max_gen_toks", 256))
            prompt = self.tok_encode(context)[-(self._max_length - room) :]
            (ids,) = self._predictor.generate([prompt], room)
            text = str(self.tokenizer.decode(ids, skip_special_tokens=True))
            for stop in wanted.get("until") or ():
                text = text.partition(stop)[0] if stop else text
            texts.append(text)
        return texts

    def _row(self, context: list[int], continuation: list[int]) -> Encoded:
        ids = np.array([*context, *continuation][-(self._max_length + 1) :], dtype=np.int64)
        return Encoded(ids, start=len(ids) - len(continuation))

    @staticmethod
    def _scored(row: Encoded, logits: np.ndarray[Any, np.dtype[np.float32]]) -> tuple[float, bool]:
        values = logits.astype(np.float64)
        values -= values.max(axis=1, keepdims=True)
        log_norm = np.log(np.exp(values).sum(axis=1))
        total = values[np.arange(len(row.targets)), row.targets] - log_norm
        return float(total.sum()), bool((values.argmax(axis=1) == row.targets).all())
