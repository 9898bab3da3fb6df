"""What a review found: critical errors with exact intervals, ratings, and agreement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from stillroom.validate.review.agreement import cohen_estimate, fleiss_estimate
from stillroom.validate.review.filled import Judgement, misled
from stillroom.validate.review.rubric import QUESTIONS
from stillroom.validate.statistics.exact import clopper_pearson


@dataclass(frozen=True, slots=True)
class Rate:
    """How often, of how many, and between which exact 95 % bounds."""

    events: int
    n: int
    low: float
    high: float

    @classmethod
    def of(cls, events: int, n: int) -> Rate:
        """Count with Clopper-Pearson bounds.

        >>> rate = Rate.of(19, 89)
        >>> round(rate.low, 2), round(rate.high, 2)
        (0.13, 0.31)
        """
        return cls(events, n, *clopper_pearson(events, n))


@dataclass(frozen=True, slots=True)
class Kappa:
    """Agreement beyond chance; ``value`` is None where all said one thing, so that there is no chance to go beyond."""

    kind: str
    value: float | None
    low: float | None
    high: float | None
    answers: int
    raters: int


@dataclass(frozen=True)
class Review:
    """The result of a review.

    Attributes:
        critical: for each model, answers that at least one rater calls a critical error.
        critical_all: the same, if all raters must say so.
        ratings: for each model and question, how often each choice was made.
        agreement: for each question, over the answers that every rater judged; none with one rater.
        misled: for each rater, judgements of the test item that are known to be wrong.
        open_ratings: ratings that were left out.
    """

    critical: Mapping[str, Rate]
    critical_all: Mapping[str, Rate]
    ratings: Mapping[str, Mapping[str, Mapping[str, int]]]
    agreement: Mapping[str, Kappa]
    misled: Mapping[str, int]
    open_ratings: int

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        return asdict(self)


def review(judgements: Sequence[Judgement], seed: int = 0) -> Review:
    """Sum a review up; the test item counts only for the raters, never for a model."""
    counted = [judgement for judgement in judgements if not judgement.of_test_item]
    models = sorted({judgement.who for judgement in counted})
    return Review(
        critical={model: _critical(counted, model, any) for model in models},
        critical_all={model: _critical(counted, model, all) for model in models},
        ratings={
            model: {
                column: dict(
                    Counter(j.ratings[column] for j in counted if j.who == model and column in j.ratings)
                )
                for column in QUESTIONS
            }
            for model in models
        },
        agreement={column: kappa for column in QUESTIONS if (kappa := _agreement(counted, column, seed))},
        misled=misled(judgements),
        open_ratings=sum(len(QUESTIONS) - len(judgement.ratings) for judgement in judgements),
    )


def _critical(judgements: Iterable[Judgement], model: str, join: Callable[[Iterable[bool]], bool]) -> Rate:
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for judgement in judgements:
        if judgement.who == model and "critical_error" in judgement.ratings:
            found[judgement.item].append(judgement.ratings["critical_error"] == "yes")
    return Rate.of(sum(join(said) for said in found.values()), len(found)) if found else Rate(0, 0, 0.0, 1.0)


def _agreement(judgements: Sequence[Judgement], column: str, seed: int) -> Kappa | None:
    """Cohen's kappa of two raters, Fleiss' of more, over the answers that all of them judged."""
    raters = sorted({judgement.rater for judgement in judgements})
    by_answer: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for judgement in judgements:
        if column in judgement.ratings:
            by_answer[judgement.item, judgement.who][judgement.rater] = judgement.ratings[column]
    whole = [[of[rater] for rater in raters] for of in by_answer.values() if len(of) == len(raters)]
    if len(raters) < 2 or len(whole) < 2:
        return None
    if len(raters) == 2:
        first, second = zip(*whole, strict=True)
        kind, found = "Cohen", cohen_estimate(first, second, seed=seed)
    else:
        kind, found = "Fleiss", fleiss_estimate(whole, seed=seed)
    if np.isnan(found.value):
        return Kappa(kind, None, None, None, len(whole), len(raters))
    return Kappa(kind, found.value, *found.interval(), len(whole), len(raters))
