"""From scores to estimates: additive tables, cut into the parts of the split and resampled by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Example, Subject
from stillroom.validate.calibration.binned import (
    bin_sums,
    brier,
    calibration_error,
    equal_mass_edges,
    equal_width_edges,
)
from stillroom.validate.metric_spec import SHARE
from stillroom.validate.metrics import FIDELITY, MEASURED
from stillroom.validate.safety import LEAST_GROUPS, MARKED
from stillroom.validate.statistics.bootstrap import (
    Array,
    Estimate,
    Figure,
    estimate,
    exp_ratio,
    ratio,
    resample,
    sum_by_group,
)
from stillroom.validate.statistics.exact import effective_trials
from stillroom.validate.text import ROUGE, TextScores, corpus_bleu, corpus_bleu1
from stillroom.validate.tokens import TokenScores

Key = tuple[str, str, Subject]
"""Metric, part of the split (``""`` for all of it), subject."""

BY_SPECIALTY = ("perplexity", "log_perplexity", "token_accuracy", "choice_accuracy")
_SPECIALTY = "specialty:"


@dataclass(frozen=True, slots=True)
class Table:
    """One metric of one subject: additive statistics per example, and the figure computed from their sum.

    Attributes:
        name: the metric.
        columns: shape ``(examples, statistics)``.
        figure: ``(..., statistics)`` → ``(...)``.
        of_trials: a share of trials, one for each example.
    """

    name: str
    columns: Array
    figure: Figure = ratio
    of_trials: bool = False


def marked_tables(scores: TokenScores, marks: Mapping[str, Array]) -> list[Table]:
    """Tables of the accuracy on marked tokens, ``(tokens,)`` each; an example without any has no say."""
    return [
        Table(name, np.stack([scores.per_example(scores.right * mark), scores.per_example(mark)], axis=1))
        for name, mark in marks.items()
    ]


def token_tables(scores: TokenScores, bins: int) -> list[Table]:
    """Tables of likelihood, accuracy, calibration and fidelity."""
    tokens = np.bincount(scores.rows).astype(np.float64)

    def mean(name: str, values: Array, figure: Figure = ratio) -> Table:
        return Table(name, np.stack([scores.per_example(values), tokens], axis=1), figure)

    likelihood = [
        mean("perplexity", scores.nll, exp_ratio),
        mean("log_perplexity", scores.nll),
        mean("token_accuracy", scores.right),
        mean("brier", brier(scores.confidence, scores.right)),
    ]
    fidelity = [
        mean(name, values)
        for reference, close in scores.fidelity.items()
        for name, values in zip(FIDELITY[reference], (close.kl, close.agree, close.overlap), strict=True)
    ]
    return [*likelihood, *_calibration_tables(scores, bins), *fidelity]


def choice_tables(right: Array, guess: Array) -> list[Table]:
    """Tables of multiple-choice accuracy, plain and above guessing."""
    ones = np.ones_like(right)
    return [
        Table("choice_accuracy", np.stack([right, ones], axis=1), of_trials=True),
        Table("choice_above_chance", np.stack([right - guess, ones], axis=1)),
    ]


def text_tables(scores: TextScores) -> list[Table]:
    """Tables of ROUGE, BLEU and exact match."""
    ones = np.ones_like(scores.exact)
    return [
        *(
            Table(name, np.stack([values, ones], axis=1))
            for name, values in zip(ROUGE, scores.rouge.T, strict=True)
        ),
        Table("exact_match", np.stack([scores.exact, ones], axis=1), of_trials=True),
        Table("bleu", scores.bleu, corpus_bleu),
        Table("bleu1", scores.bleu, corpus_bleu1),
    ]


def estimate_tables(
    tables: Mapping[Subject, Sequence[Table]], examples: Sequence[Example], repeats: int, seed: int
) -> dict[Key, Estimate]:
    """Estimate every table on every part, with the same resamples for all subjects and metrics of a part.

    Args:
        tables: the tables of each subject; rows are ``examples``.
        examples: what the rows are.
        repeats: number of resamples.
        seed: seed of the resamples.
    """
    found: dict[Key, Estimate] = {}
    for part, inside in parts(examples):
        groups = [example.group for example, keep in zip(examples, inside, strict=True) if keep]
        counts = resample(len(set(groups)), repeats, seed, part)
        for subject, of_subject in tables.items():
            for table in of_subject:
                if is_specialty(part) and table.name not in BY_SPECIALTY:
                    continue
                sums = sum_by_group(table.columns[inside], groups)
                if table.name not in MARKED:
                    found[table.name, part, subject] = _estimate(table, sums, counts)
                elif (holds := sums[:, 1] > 0).sum() >= LEAST_GROUPS:
                    found[table.name, part, subject] = _estimate(table, sums[holds], counts[:, holds])
    return found


def parts(examples: Sequence[Example]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Cut the examples: all of them, each kind, each specialty.

    Yields:
        The part's name, as it follows the ``/`` of a metric, and which examples belong to it.
    """
    yield "", np.ones(len(examples), dtype=bool)
    for kind in sorted({example.kind for example in examples}):
        yield kind, np.array([example.kind == kind for example in examples])
    for specialty in sorted({example.specialty for example in examples}):
        yield f"{_SPECIALTY}{specialty}", np.array([example.specialty == specialty for example in examples])


def is_specialty(part: str) -> bool:
    """Tell parts by specialty from parts by kind.

    >>> is_specialty("specialty:cardiology"), is_specialty("definition")
    (True, False)
    """
    return part.startswith(_SPECIALTY)


def _calibration_tables(scores: TokenScores, bins: int) -> list[Table]:
    schemes = {
        "ece": equal_mass_edges(scores.confidence, bins),
        "ece_equal_width": equal_width_edges(bins),
    }
    return [
        Table(name, bin_sums(scores.confidence, scores.right, scores.rows, edges), calibration_error)
        for name, edges in schemes.items()
    ]


def _estimate(table: Table, sums: Array, counts: Array) -> Estimate:
    found = estimate(
        sums,
        table.figure,
        counts,
        is_rate=MEASURED[table.name].unit == SHARE,
        reflect=table.figure is calibration_error,
    )
    return replace(found, trials=effective_trials(sums[:, 0], sums[:, 1])) if table.of_trials else found
