"""The evidence about entities: tags of words, decoded and held against the annotator's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.types import Evidence, Subject
from stillroom.types.iob import decode
from stillroom.validate.seeds import made_once
from stillroom.validate.statistics.measures import Summed
from stillroom.validate.tasks.entities import entities
from stillroom.validate.tasks.measure import measure_summed_over_seeds

Sentences = Sequence[NDArray[Any]]
"""Of each sentence, probabilities ``(words, tags)``."""

_TOLD = ("entity_f1", "log_loss")
_LEAST = 1e-12


def measured_entities(run: BedsideRun, said: Mapping[int, Mapping[Subject, Sentences]]) -> Evidence:
    """Measure what every subject of every seed says of the test sentences.

    Args:
        run: the run.
        said: by seed and subject.
    """
    cases, tags, measure = run.cases("test"), run.cohort.head.names, run.recipe.evaluate
    truth = [case.target for case in cases]
    return measure_summed_over_seeds(
        made_once(said, lambda sentences: figures(sentences, truth, tags)),
        [case.group for case in cases],
        told=_TOLD,
        repeats=measure.bootstrap_repeats,
        seed=run.recipe.seed,
    )


def figures(said: Sentences, truth: Sentences, tags: Sequence[str]) -> list[Summed]:
    """Strict figures of entities, each type by itself too, and the log loss of a word's tag in nats.

    Args:
        said: probabilities.
        truth: numbers of the tags.
        tags: their names.
    """
    decoded = [decode(of, tags) for of in said]
    wanted = [[tags[at] for at in of] for of in truth]
    losses = [
        [-np.log(np.maximum(of[np.arange(len(right)), right], _LEAST)).sum(), len(right)]
        for of, right in zip(said, truth, strict=True)
    ]
    return [*entities(decoded, wanted), Summed("log_loss", np.array(losses), kind="free")]
