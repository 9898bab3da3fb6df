"""What a student starts as: a cut of its teacher, or of another model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

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
    similarities = None
    if isinstance(settings.layers, ChosenLayers) and settings.layers.choose == "similarity":
        similarities = layer_similarities(layer_grams(start, _calibration(settings, rows)))
    layers = choose_layers(settings, depth(start.network), similarities)
    if settings.width is None:
        return Cut(replace(start, network=cut_depth(start.network, layers)), layers, None)
    require_narrowable(start.network)
    found = importance(start, _calibration(settings, rows))
    kept = keep(start.network, settings.width, found)
    narrow = cut_width(start.network, kept, found)
    return Cut(replace(start, network=cut_depth(narrow, layers)), layers, tuple(kept.channels.tolist()))


def student_layer_map(
    cut: Cut,
    teacher: LanguageModel,
    settings: StudentSettings,
    student_rows: Sequence[Encoded] = (),
    teacher_rows: Sequence[Encoded] = (),
) -> LayerMap:
    """Pair the student's layers with the teacher's as a recipe says.

    Args:
        cut: the untrained student.
        teacher: whose hidden states or attention it will be held against.
        settings: the recipe's ``student``.
        student_rows: training rows in the student's tokens, for a map by similarity.
        teacher_rows: the same in the teacher's.

    Raises:
        ModelError: pairs of layers that are not there; a rule that does not fit the two models.
    """
    students, teachers = len(cut.layers), depth(teacher.network)
    if settings.layer_map is None:
        if settings.start_from is not None:
            raise ModelError(
                "student.layer_map is null for a student that starts from another model",
                "uniform, similarity or pairs of layers",
                "add student.layer_map",
            )
        return LayerMap.as_cut(cut.layers, teachers)
    if settings.layer_map == "uniform":
        return LayerMap.uniform(students, teachers)
    if settings.layer_map == "similarity":
        return _most_similar(cut.model, teacher, settings, student_rows, teacher_rows)
    return LayerMap.listed(tuple(settings.layer_map), students, teachers)


def _most_similar(
    student: LanguageModel,
    teacher: LanguageModel,
    settings: StudentSettings,
    student_rows: Sequence[Encoded],
    teacher_rows: Sequence[Encoded],
) -> LayerMap:
    grams = [
        layer_grams(model, _calibration(settings, rows))[1:]
        for model, rows in ((student, student_rows), (teacher, teacher_rows))
    ]
    if len(grams[0][0]) != len(grams[1][0]):
        raise ModelError(
            "student.layer_map is similarity, and student and teacher read different tokens",
            "one tokenizer, so that hidden states can be compared token by token",
            "change student.layer_map to uniform, or list pairs",
        )
    return LayerMap.most_similar(cka_matrix(*grams))


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
