"""The teacher's knowledge as a recipe asks for it: recorded, or from the teacher itself."""

from __future__ import annotations

from typing import TypedDict

from stillroom.models import LanguageModel
from stillroom.recipes.pipeline.readers import other_reader_of, signals_tokenizer
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.start import compared_layers
from stillroom.signals import LiveTeacher, SignalStore
from stillroom.signals.aligned import LiveAligned
from stillroom.signals.source import SignalSource
from stillroom.train.learner import wants_layers
from stillroom.train.placement import training_device


class Asked(TypedDict):
    """What the teacher is asked: arguments of a collection, and of a live teacher."""

    layers: tuple[int, ...]
    temperature: float
    seed: int


def asked(run: Pipeline, teacher: LanguageModel) -> Asked:
    """Work out what the student will want to know."""
    recipe = run.recipe
    return {
        "layers": compared_layers(run, teacher) if wants_layers(recipe.objective) else (),
        "temperature": recipe.objective.constant_temperature or 1.0,
        "seed": recipe.seed,
    }


def open_source(run: Pipeline, teacher: LanguageModel) -> SignalSource:
    """Open what a student learns from.

    A live teacher moves to the device that this process trains on; each process of a training has its own.

    Args:
        run: its recipe says which; its stage ``signals`` is done.
        teacher: the adapted teacher.
    """
    recipe = run.recipe
    if recipe.signals.source == "live":
        if not recipe.teacher.offload and recipe.teacher.precision != "gguf":
            teacher.network.to(training_device())
        reader = other_reader_of(run, teacher)
        if reader is not None:
            return LiveAligned(teacher, reader, run.precision)
        return LiveTeacher(teacher, recipe.signals, **asked(run, teacher), precision=run.precision)
    return SignalStore.open(
        run.done["signals"].path,
        teacher.fingerprint(),
        tokenizer=signals_tokenizer(run, teacher),
        temperature=recipe.objective.constant_temperature,
        encryption=recipe.signals.encryption,
    )
