"""The teacher's knowledge as a recipe asks for it: recorded, or from the teacher itself."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import torch

from stillroom.models import LanguageModel
from stillroom.models.student import mapped_layers
from stillroom.recipes.schema import Recipe
from stillroom.signals import LiveTeacher, SignalStore
from stillroom.signals.recording import tokenizer_fingerprint
from stillroom.signals.source import SignalSource
from stillroom.train.learner import wants_layers
from stillroom.train.placement import training_device


class Asked(TypedDict):
    """What the teacher is asked: arguments of a collection, and of a live teacher."""

    layers: tuple[int, ...]
    temperature: float
    seed: int


def asked(recipe: Recipe, teacher: LanguageModel) -> Asked:
    """Work out what the student will want to know."""
    depth = teacher.network.config.num_hidden_layers
    return {
        "layers": mapped_layers(recipe.student.layers, depth) if wants_layers(recipe.objective) else (),
        "temperature": recipe.objective.constant_temperature or 1.0,
        "seed": recipe.seed,
    }


def open_source(recipe: Recipe, teacher: LanguageModel, store: Path, precision: torch.dtype) -> SignalSource:
    """Open what a student learns from.

    A live teacher moves to the device that this process trains on; each process of a training has its own.

    Args:
        recipe: says which.
        teacher: the adapted teacher.
        store: folder of the recorded signals; not read for a live teacher.
        precision: format of a live teacher's matrix products.
    """
    if recipe.signals.source == "live":
        teacher.network.to(training_device())
        return LiveTeacher(teacher, recipe.signals, **asked(recipe, teacher), precision=precision)
    return SignalStore.open(
        store,
        teacher.fingerprint(),
        tokenizer=tokenizer_fingerprint(teacher.tokenizer),
        temperature=recipe.objective.constant_temperature,
        encryption=recipe.signals.encryption,
    )
