"""The loss-threshold attack on language models: is a response that was learned from likelier?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from stillroom.data import EncodedExamples
from stillroom.types import Predictor, Subject
from stillroom.validate.privacy.attack import Attack
from stillroom.validate.privacy.loss_threshold import loss_threshold
from stillroom.validate.statistics.level import Array
from stillroom.validate.tokens import score_tokens
from stillroom.validate.trial import SHOWN


def attacks_on_texts(
    subjects: Mapping[Subject, Predictor], learned: EncodedExamples, unseen: EncodedExamples
) -> Iterator[Attack]:
    """Attack every subject by the mean loss of an item's response tokens.

    Args:
        subjects: who is attacked; what a model is before its training remembers nothing and is left out.
        learned: training items.
        unseen: test items.
    """
    groups = tuple([example.group for example in of.examples] for of in (learned, unseen))
    for subject in (who for who in SHOWN if who in subjects):
        remembered, new = (_losses(subjects[subject], of) for of in (learned, unseen))
        yield loss_threshold(subject, remembered, new, (groups[0], groups[1]))


def _losses(predictor: Predictor, items: EncodedExamples) -> Array:
    scores = score_tokens({"student": predictor}, items.rows)["student"]
    tokens = np.array([float(len(row.targets)) for row in items.rows])
    return np.asarray(scores.per_example(scores.nll) / tokens)
