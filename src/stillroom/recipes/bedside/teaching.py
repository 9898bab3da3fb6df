"""The members of a run's teachers, to be asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from stillroom.models.bedside.backbones import load_network
from stillroom.models.bedside.network import BedsideNetwork
from stillroom.models.bedside.trees import Trees, tree_features
from stillroom.recipes.bedside.answers import probabilities
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.train.bedside.asked import ask
from stillroom.types.cases import LOGITS, Case


def members(run: BedsideRun) -> Iterator[BedsideNetwork | Trees]:
    """Every member of every teacher, as it was fitted."""
    for name, settings in run.recipe.teachers.items():
        folder = run.done[f"teach.{name}"].path
        for fold in range(settings.folds):
            if settings.model.kind == "trees":
                yield Trees.load(folder / f"{fold}.txt", run.cohort.head)
            else:
                yield load_network(folder / str(fold))


def teachers_say(run: BedsideRun, cases: Sequence[Case]) -> NDArray[np.float64]:
    """What all members together answer, those too that learned from a case: probabilities, or values.

    The recorded signals ask about a training case only the members that did not see it.
    """
    head = run.cohort.head
    features = cache(partial(tree_features, cases))
    logits = (
        member.logits(features()) if isinstance(member, Trees) else np.stack(ask(member, cases)[LOGITS])
        for member in members(run)
    )
    mean = np.asarray(np.mean([probabilities(of_member, head) for of_member in logits], axis=0))
    temperature = np.array(run.facts("signals")["teacher_temperature"])
    if head.kind == "values":
        return mean
    least = np.finfo(np.float32).tiny
    together = np.log(np.maximum(mean, least))
    if head.kind == "labels":
        together -= np.log(np.maximum(1 - mean, least))
    return probabilities(together / temperature, head)
