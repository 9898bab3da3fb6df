"""A teacher with another tokenizer, measured on its student's tokens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillroom.data import encode_all
from stillroom.data.pairs import Pair, pair_all
from stillroom.data.turns import Turns
from stillroom.models.language_model import LanguageModel
from stillroom.signals.other_reader import carrier_between
from stillroom.types import Encoded, Example, Predictor, SignalError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_LEAST_MASS = 1e-10


class AlignedPredictor:
    """A :class:`~stillroom.types.Predictor` over the student's rows, whose logits are the teacher's carried ones.

    What could not be carried is spread evenly over the vocabulary, and so is everything on a row that the teacher does
    not read as the student does: there it knows nothing. Answers are written in the teacher's own tokens.
    """

    def __init__(
        self,
        teacher: LanguageModel,
        predictor: Predictor,
        tokenizer: PreTrainedTokenizerFast,
        prompts: Iterable[str],
        *,
        vocab: int,
    ) -> None:
        """Wrap a teacher.

        Args:
            teacher: the model that teaches.
            predictor: the same model, in some runtime.
            tokenizer: the student's.
            prompts: every prompt that rows will begin with.
            vocab: classes of the student's output.

        Raises:
            ModelError: a tokenizer that loses bytes.
            DataError: a tokenizer without a chat template.
        """
        self.runtime = f"{predictor.runtime}, carried to the student's tokens"
        self._predictor, self._theirs, self._mine = predictor, teacher.tokenizer, tokenizer
        self._window = teacher.network.config.max_position_embeddings
        self._carrier = carrier_between(teacher, tokenizer, vocab)
        self._prompts = _by_tokens(prompts, tokenizer)

    def logits(self, rows: Iterable[Encoded]) -> Iterator[NDArray[np.float32]]:
        """Yield the carried log-probabilities of each row's response, shape ``(response, vocab)``."""
        rows = list(rows)
        pairs = self._pair(rows)
        said = self._predictor.logits([pair.row for pair in pairs if pair is not None])
        for row, pair in zip(rows, pairs, strict=True):
            if pair is None:
                yield np.zeros((len(row.targets), self._carrier.vocab), dtype=np.float32)
            else:
                yield _log_whole(self._carrier.carry(_softmax(next(said)), pair))

    def generate(self, prompts: Iterable[Sequence[int]], max_new_tokens: int) -> Iterator[list[int]]:
        """Yield what the teacher answers, in the student's tokens."""
        asked = [self._prompt(np.asarray(prompt, dtype=np.int64)) for prompt in prompts]
        texts = Turns.of(self._theirs).render(asked, self._theirs)
        ids = self._theirs(texts, add_special_tokens=False)["input_ids"]
        for answer in self._predictor.generate(ids, max_new_tokens):
            text = self._theirs.decode(answer, skip_special_tokens=True)
            yield self._mine(text, add_special_tokens=False)["input_ids"][:max_new_tokens]

    def _pair(self, rows: Sequence[Encoded]) -> tuple[Pair | None, ...]:
        student, teacher = self._carrier.student.spelling, self._carrier.teacher
        examples = [
            Example(
                "", self._prompt(row.ids[: row.start]), _text(student.spell(row.targets)), "", "", "basic", ""
            )
            for row in rows
        ]
        return pair_all(examples, rows, student, teacher, self._theirs, window=self._window).pairs

    def _prompt(self, ids: NDArray[np.int64]) -> str:
        try:
            return self._prompts[ids.tobytes()]
        except KeyError:
            raise SignalError(
                "a prompt that was not announced to the teacher",
                f"one of {len(self._prompts)} prompts",
                "give the prompts of this split too",
            ) from None


def _by_tokens(prompts: Iterable[str], tokenizer: PreTrainedTokenizerFast) -> Mapping[bytes, str]:
    unique = list(dict.fromkeys(prompts))
    examples = [Example("", prompt, "", "", "", "basic", "") for prompt in unique]
    rows = encode_all(examples, tokenizer, max_tokens=np.iinfo(np.int64).max).rows
    return {row.ids[: row.start].tobytes(): prompt for row, prompt in zip(rows, unique, strict=True)}


def _text(pieces: Sequence[bytes | None]) -> str:
    return b"".join(piece or b"" for piece in pieces).decode(errors="replace")


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    weights: NDArray[np.float32] = np.exp(logits - logits.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights


def _log_whole(probs: NDArray[np.float64]) -> NDArray[np.float32]:
    """Logarithms of probabilities that add up to one: what is missing goes to all classes alike."""
    missing = np.maximum(1.0 - probs.sum(axis=1, keepdims=True), 0.0) / probs.shape[1]
    logits: NDArray[np.float32] = np.log(np.maximum(probs + missing, _LEAST_MASS)).astype(np.float32)
    return logits
