"""Free answers held against the reference text: ROUGE, BLEU and exact match (extra ``evaluate``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np

from stillroom.types import MissingExtraError
from stillroom.validate.statistics.bootstrap import Array

ROUGE = ("rouge1", "rouge2", "rougeL")
USE_STEMMER = True
BLEU_ORDER = 4


@dataclass(frozen=True, slots=True)
class TextScores:
    """Scores of each generated response.

    Attributes:
        rouge: F1 of ROUGE-1, ROUGE-2 and ROUGE-L, shape ``(examples, 3)``.
        bleu: additive BLEU statistics, shape ``(examples, 10)``: lengths of response and reference, then
            matched and total n-grams for n = 1 to 4.
        exact: 1 where response and reference are equal but for case, spacing and a final stop, shape
            ``(examples,)``.
    """

    rouge: Array
    bleu: Array
    exact: Array


def score_texts(responses: Sequence[str], references: Sequence[str]) -> TextScores:
    """Score generated responses, each against its one reference.

    Raises:
        MissingExtraError: ``rouge-score`` or ``sacrebleu`` is not installed.
    """
    pairs = list(zip(responses, references, strict=True))
    exact = [float(_plain(response) == _plain(reference)) for response, reference in pairs]
    return TextScores(_rouge(pairs), _bleu_statistics(pairs), np.array(exact))


def corpus_bleu(sums: Array, order: int = BLEU_ORDER) -> Array:
    """Corpus BLEU (0–100, exponential smoothing) from summed statistics.

    Args:
        sums: shape ``(..., 10)``, columns as in ``TextScores.bleu``.
        order: longest n-gram that counts.
    """
    return np.apply_along_axis(_bleu_of, -1, sums, order)


def corpus_bleu1(sums: Array) -> Array:
    """Corpus BLEU of unigrams alone (BLEU-1)."""
    return corpus_bleu(sums, order=1)


def describe() -> dict[str, str | int | float]:
    """Say with which settings the scores were made, for the evidence."""
    stemmer = "on" if USE_STEMMER else "off"
    return {
        "bleu_settings": f"sacrebleu {version('sacrebleu')}, tokenizer 13a, mixed case, smoothing exp",
        "rouge_settings": f"rouge-score {version('rouge-score')}, F1, stemmer {stemmer}",
    }


def _rouge(pairs: Sequence[tuple[str, str]]) -> Array:
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as error:
        raise MissingExtraError.of("rouge-score", "evaluate") from error
    scorer = RougeScorer(list(ROUGE), use_stemmer=USE_STEMMER)
    scores = [scorer.score(reference, response) for response, reference in pairs]
    return np.array([[score[name].fmeasure for name in ROUGE] for score in scores])


def _bleu_statistics(pairs: Sequence[tuple[str, str]]) -> Array:
    metric = _bleu_class()(effective_order=True)
    scores = [metric.sentence_score(response, [reference]) for response, reference in pairs]
    return np.array(
        [[score.sys_len, score.ref_len, *score.counts, *score.totals] for score in scores], dtype=np.float64
    )


def _bleu_of(sums: Array, order: int) -> float:
    lengths, matched, total = sums[:2], sums[2 : 2 + order], sums[2 + BLEU_ORDER : 2 + BLEU_ORDER + order]
    score = _bleu_class().compute_bleu(
        correct=[int(count) for count in matched],
        total=[int(count) for count in total],
        sys_len=int(lengths[0]),
        ref_len=int(lengths[1]),
        smooth_method="exp",
        max_ngram_order=order,
    )
    return float(score.score)


def _bleu_class() -> Any:
    try:
        from sacrebleu.metrics.bleu import BLEU
    except ImportError as error:
        raise MissingExtraError.of("sacrebleu", "evaluate") from error
    return BLEU


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).removesuffix(".")
