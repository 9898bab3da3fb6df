"""Specialties learned from the rows whose source says them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import MissingExtraError

_LEAST_ROWS = 20
_FEATURES = 50_000


@dataclass(frozen=True, eq=False)
class Classifier:
    """TF-IDF of words and pairs of words, and multinomial logistic regression. The same rows give the same one."""

    pipeline: Any

    def __call__(self, texts: Sequence[str]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
        """The likeliest specialty of each text, and its probability."""
        probabilities = self.pipeline.predict_proba(list(texts))
        best = probabilities.argmax(1)
        return self.pipeline.classes_[best].astype(object), probabilities[np.arange(len(best)), best]


def learn(texts: Sequence[str], specialties: Sequence[str]) -> Classifier | None:
    """Learn from texts and their specialties; those with fewer than 20 texts are left out.

    Returns:
        None where fewer than two specialties are left.

    Raises:
        MissingExtraError: scikit-learn is not installed.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
    except ImportError as error:
        raise MissingExtraError.of("scikit-learn", "corpus") from error
    counts = Counter(specialties)
    kept = [place for place, name in enumerate(specialties) if counts[name] >= _LEAST_ROWS]
    if len({specialties[place] for place in kept}) < 2:
        return None
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, max_features=_FEATURES)
    pipeline = make_pipeline(words, LogisticRegression(C=10.0, max_iter=300))
    return Classifier(pipeline.fit([texts[place] for place in kept], [specialties[place] for place in kept]))
