"""Classifiers of known quality on made cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.statistics.bootstrap import Array

SKILL = {"teacher": 2.0, "student_untrained": 0.0, "control": 1.0, "student": 1.5, "bundle": 1.45}


@dataclass(frozen=True)
class Made:
    """A task: labels, probabilities of every subject, groups and subgroups."""

    labels: Array
    predictions: dict[str, Array]
    groups: list[str]
    subgroups: dict[str, list[str]]
    settings: ClassificationSettings


def softmax(logits: Array) -> Array:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def made(classes: int, *, labels: bool = False, items: int = 300, seed: int = 0, **settings: object) -> Made:
    random = np.random.default_rng(seed)
    names = tuple(f"c{at}" for at in range(classes))
    noise = random.normal(size=(items, classes))
    share = {key: noise + 0.3 * random.normal(size=(items, classes)) for key in SKILL}
    if labels:
        truth = (random.random((items, classes)) < np.linspace(0.1, 0.5, classes)).astype(int)
        logits = {who: skill * (2 * truth - 1) + share[who] for who, skill in SKILL.items()}
        predictions = {who: 1 / (1 + np.exp(-of)) for who, of in logits.items()}
    else:
        truth = random.choice(classes, size=items, p=np.arange(classes, 0, -1) / sum(range(classes + 1)))
        logits = {who: skill * np.eye(classes)[truth] + share[who] for who, skill in SKILL.items()}
        predictions = {who: softmax(of) for who, of in logits.items()}
        predictions = {who: of[:, 1] if classes == 2 else of for who, of in predictions.items()}
    return Made(
        truth,
        predictions,
        [f"patient {at}" for at in range(items)],
        {"sex": random.choice(["f", "m"], size=items).tolist()},
        ClassificationSettings(classes=names, bootstrap_repeats=100, **settings),
    )


@pytest.fixture(scope="session")
def binary() -> Made:
    return made(2)


@pytest.fixture(scope="session")
def multiclass() -> Made:
    return made(4)


@pytest.fixture(scope="session")
def multilabel() -> Made:
    return made(3, labels=True)
