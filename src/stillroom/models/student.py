"""What a student starts as: a cut of its teacher, or of another model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stillroom.models.cutting import cut_depth, cut_width
from stillroom.models.decoder import depth
from stillroom.models.importance import importance
from stillroom.models.language_model import LanguageModel
from stillroom.models.layer_choice import choose_layers
from stillroom.models.layer_map import LayerMap
from stillroom.models.narrowing import keep, require_narrowable
from stillroom.models.settings import ChosenLayers, StudentSettings
from stillroom.models.similarity import cka_matrix, layer_grams, layer_similarities
from stillroom.types import Encoded, ModelError


class Cut(NamedTuple):
    """A student, and what it kept of the model it starts from.

    Attributes:
        model: the student.
        layers: kept layers of that model.
        channels: kept channels of its hidden states; None for all.
    """

    model: LanguageModel
    layers: tuple[int, ...]
    channels: tuple[int, ...] | None


def build_student(
    start: LanguageModel, settings: StudentSettings, rows: Sequence[Encoded] = ()
) -> LanguageModel:
    """Copy a part of a model into a smaller network, as :func:`cut_student` does."""
    return cut_student(start, settings, rows).model


def cut_student(start: LanguageModel, settings: StudentSettings, rows: Sequence[Encoded] = ()) -> Cut:
    """Cut a student out of a model, and say what was kept.

    The two share no memory afterwards. The vocabulary stays; tied embeddings stay tied.

    Args:
        start: the teacher, or the model that ``settings.start_from`` names.
        settings: the recipe's ``student``.
        rows: training rows in that model's tokens; ``calibration_rows`` of them, at equal distances, are measured
            where the settings choose by similarity or importance.

    Raises:
        ModelError: the settings ask for what the model does not have, or there are too few rows.
    """
    layers = kept_layers(start, settings, rows)
    if settings.width is None:
        return Cut(replace(start, network=cut_depth(start.network, layers)), layers, None)
    require_narrowable(start.network)
    found = importance(start, _calibration(settings, rows))
    kept = keep(start.network, settings.width, found)
    narrow = cut_width(start.network, kept, found)
    return Cut(replace(start, network=cut_depth(narrow, layers)), layers, tuple(kept.channels.tolist()))


def kept_layers(
    start: LanguageModel, settings: StudentSettings, rows: Sequence[Encoded] = ()
) -> tuple[int, ...]:
    """Choose the layers that :func:`cut_student` keeps, without cutting; the arguments are the same.

    Raises:
        ModelError: the settings ask for what the model does not have, or there are too few rows.
    """
    similarities = None
    if isinstance(settings.layers, ChosenLayers) and settings.layers.choose == "similarity":
        similarities = layer_similarities(layer_grams(start, _calibration(settings, rows)))
    return choose_layers(settings, depth(start.network), similarities)


def student_layer_map(
    layers: Sequence[int],
    teacher_depth: int,
    settings: StudentSettings,
    similarity: NDArray[np.float64] | None = None,
) -> LayerMap:
    """Pair the student's layers with the teacher's as a recipe says.

    Args:
        layers: those that the student kept of the model it starts from.
        teacher_depth: number of the teacher's layers.
        settings: the recipe's ``student``.
        similarity: of their outputs, from :func:`output_similarity`, for a map by similarity.

    Raises:
        ModelError: pairs of layers that are not there; a rule that does not fit the two models.
    """
    if settings.layer_map is None:
        if settings.start_from is not None:
            raise ModelError(
                "student.layer_map is null for a student that starts from another model",
                "uniform, similarity or pairs of layers",
                "add student.layer_map",
            )
        return LayerMap.as_cut(layers, teacher_depth)
    if settings.layer_map == "uniform":
        return LayerMap.uniform(len(layers), teacher_depth)
    if settings.layer_map == "similarity":
        assert similarity is not None
        return LayerMap.most_similar(similarity)
    return LayerMap.listed(tuple(settings.layer_map), len(layers), teacher_depth)


def output_similarity(
    student: LanguageModel,
    teacher: LanguageModel,
    settings: StudentSettings,
    student_rows: Sequence[Encoded],
    teacher_rows: Sequence[Encoded],
) -> NDArray[np.float64]:
    """CKA of each student layer's output (row) and each teacher layer's (column) on ``calibration_rows`` training rows.

    Args:
        student: untrained.
        teacher: whose hidden states the student will be held against.
        settings: the recipe's ``student``.
        student_rows: training rows in the student's tokens.
        teacher_rows: the same in the teacher's.

    Raises:
        ModelError: the two read different tokens, or there are too few rows.
    """
    mine, theirs = (
        layer_grams(model, _calibration(settings, rows))[1:]
        for model, rows in ((student, student_rows), (teacher, teacher_rows))
    )
    if len(mine[0]) != len(theirs[0]):
        raise ModelError(
            "student.layer_map is similarity, and student and teacher read different tokens",
            "one tokenizer, so that hidden states can be compared token by token",
            "change student.layer_map to uniform, or list pairs",
        )
    return cka_matrix(mine, theirs)


def _calibration(settings: StudentSettings, rows: Sequence[Encoded]) -> Sequence[Encoded]:
    """The rows that something is measured on: as many as the settings say, at equal distances."""
    wanted = settings.calibration_rows or 0
    if len(rows) < wanted:
        raise ModelError(
            f"{len(rows)} rows to measure similarity or importance on",
            f"student.calibration_rows = {wanted} training rows",
            "give the training rows",
        )
    return rows[:: len(rows) // wanted][:wanted]
