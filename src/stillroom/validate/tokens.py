"""Token-level scores of several subjects in one pass: likelihood, accuracy, confidence and fidelity.

The rows of all subjects come side by side, so a comparison of two models needs no more memory than one row.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Encoded, ModelError, Predictor, Progress, Subject, silent
from stillroom.validate.statistics.bootstrap import Array

TOP = 5
_BLOCK = (
    8  # tokens at a time keep temporary arrays near the cache: a third faster than 16 or 32 at 49k tokens
)


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How close a subject is to a reference model, per response token; arrays of shape ``(tokens,)``.

    Attributes:
        kl: KL(reference‖subject) in nats.
        agree: 1 where both rank the same token first.
        overlap: share of the reference's five first choices among the subject's five.
    """

    kl: Array
    agree: Array
    overlap: Array


@dataclass(frozen=True, slots=True)
class TokenScores:
    """One subject's scores per response token; arrays of shape ``(tokens,)``.

    Attributes:
        rows: index of the example that a token belongs to, ascending from 0.
        nll: negative log-likelihood of the true token in nats.
        right: 1 where the true token is ranked first.
        confidence: probability of the first choice.
        fidelity: closeness to each reference model.
    """

    rows: NDArray[np.int64]
    nll: Array
    right: Array
    confidence: Array
    fidelity: Mapping[Subject, Fidelity]

    def per_example(self, values: Array) -> Array:
        """Sum a value per token over each example, shape ``(examples,)``."""
        return np.bincount(self.rows, weights=values).astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Block:
    """Predictions of a few tokens: logits whose maximum is 0, their exponentials and the log of the sum."""

    shifted: NDArray[np.float32]
    weights: NDArray[np.float32]
    log_norm: Array
    top: NDArray[np.int64]

    @classmethod
    def of(cls, logits: NDArray[np.float32]) -> _Block:
        top = _top(logits)
        shifted = logits - logits[np.arange(len(logits)), top[:, 0]][:, None]
        weights = np.exp(shifted)
        return cls(shifted, weights, np.log(weights.sum(axis=1).astype(np.float64)), top)

    def scores(self, targets: NDArray[np.int64]) -> list[Array]:
        """Negative log-likelihood, right, confidence."""
        nll = self.log_norm - self.shifted[np.arange(len(targets)), targets]
        return [nll, (self.top[:, 0] == targets).astype(np.float64), np.exp(-self.log_norm)]

    def fidelity_to(self, reference: _Block) -> list[Array]:
        """KL = Σ p·(x − y) + log Z_y − log Z_x (the difference first: equals give zero); agree; overlap."""
        apart = np.einsum("tv,tv->t", reference.weights, reference.shifted - self.shifted).astype(np.float64)
        kl = apart / np.exp(reference.log_norm) + self.log_norm - reference.log_norm
        agree = (self.top[:, 0] == reference.top[:, 0]).astype(np.float64)
        shared = (self.top[:, :, None] == reference.top[:, None, :]).sum(axis=(1, 2))
        return [np.maximum(kl, 0.0), agree, shared / self.top.shape[1]]


def score_tokens(
    subjects: Mapping[Subject, Predictor], rows: Sequence[Encoded], progress: Progress = silent
) -> dict[Subject, TokenScores]:
    """Score every response token of every row under all subjects, in one pass.

    Raises:
        ModelError: a subject's logits are not finite or not of the shape ``(response, vocab)``.
    """
    parts: dict[Subject, list[Array]] = {subject: [] for subject in subjects}
    streams = [predictor.logits(rows) for predictor in subjects.values()]
    for done, (row, *logits) in enumerate(zip(rows, *streams, strict=True), 1):
        for subject, values in zip(subjects, logits, strict=True):
            _check(values, len(row.targets), subject)
        for start in range(0, len(row.targets), _BLOCK):
            here = slice(start, start + _BLOCK)
            cut = {subject: values[here] for subject, values in zip(subjects, logits, strict=True)}
            for subject, columns in _score_block(cut, row.targets[here]).items():
                parts[subject].append(columns)
        progress("validate: tokens", done, len(rows))
    index = np.repeat(np.arange(len(rows)), [len(row.targets) for row in rows])
    return {
        subject: _assemble(index, np.concatenate(columns, axis=1), references(subject, subjects))
        for subject, columns in parts.items()
    }


def references(subject: Subject, subjects: Container[Subject]) -> tuple[Subject, ...]:
    """Whom a subject is compared with: all with the teacher, the bundle with the student too.

    >>> references("bundle", {"teacher", "student", "bundle"})
    ('teacher', 'student')
    """
    wanted: tuple[Subject, ...] = ("teacher", "student") if subject == "bundle" else ("teacher",)
    return tuple(name for name in wanted if name in subjects and name != subject)


def _score_block(
    logits: Mapping[Subject, NDArray[np.float32]], targets: NDArray[np.int64]
) -> dict[Subject, Array]:
    """Columns of each subject: negative log-likelihood, right, confidence, then fidelity to each reference."""
    blocks = {subject: _Block.of(values) for subject, values in logits.items()}
    return {
        subject: np.stack(
            [
                *block.scores(targets),
                *(
                    column
                    for name in references(subject, blocks)
                    for column in block.fidelity_to(blocks[name])
                ),
            ]
        )
        for subject, block in blocks.items()
    }


def _assemble(index: NDArray[np.int64], columns: Array, known: tuple[Subject, ...]) -> TokenScores:
    nll, right, confidence, *rest = columns
    fidelity = {name: Fidelity(*rest[3 * at : 3 * at + 3]) for at, name in enumerate(known)}
    return TokenScores(index, nll, right, confidence, fidelity)


def _check(logits: NDArray[np.float32], tokens: int, subject: Subject) -> None:
    if logits.ndim != 2 or len(logits) != tokens:
        raise ModelError(
            f"{subject} gave logits of shape {logits.shape}",
            f"({tokens}, vocabulary), one row for each response token",
            "check the predictor of this subject",
        )
    if not np.isfinite(logits).all():
        raise ModelError(
            f"{subject} gave logits that are not finite", "finite logits", "look at its training losses"
        )


def _top(logits: NDArray[np.float32]) -> NDArray[np.int64]:
    """Indices of the first choices, best first: a few passes beat a partition of a large vocabulary."""
    left, rows = logits.copy(), np.arange(len(logits))
    chosen = np.empty((len(left), min(TOP, left.shape[1])), dtype=np.int64)
    for rank in range(chosen.shape[1]):
        chosen[:, rank] = left.argmax(axis=1)
        left[rows, chosen[:, rank]] = -np.inf
    return chosen
