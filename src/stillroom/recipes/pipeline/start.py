"""The models that a run starts from: the teacher as it is loaded, the student before it learns."""

from __future__ import annotations

from dataclasses import replace

from stillroom.data.turns import Turns
from stillroom.export.exportable import require_exportable
from stillroom.models import LanguageModel, load_held_teacher, load_teacher
from stillroom.models.decoder import depth, width
from stillroom.models.layer_map import LayerMap, mixed_layers
from stillroom.models.quantised import held_matrices
from stillroom.models.settings import ModelSettings, TeacherSettings
from stillroom.models.student import Cut, cut_student, kept_layers, output_similarity, student_layer_map
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.train import ObjectiveSettings
from stillroom.types import Encoded, ModelError


def loaded(settings: ModelSettings) -> LanguageModel:
    """Load a model, and give it the turns that training, evaluation and bundle share.

    Raises:
        ModelError: it cannot be loaded.
        DataError: it has neither a chat template nor the marks of a known one.
    """
    return _with_turns(load_teacher(settings))


def as_it_is(settings: TeacherSettings) -> LanguageModel:
    """Load a teacher that is not adapted, held as its recipe says, with the same turns.

    Raises:
        ModelError: it cannot be loaded, or not held so.
        MissingExtraError: a package of its precision is absent.
        DataError: as in :func:`loaded`.
    """
    return _with_turns(load_held_teacher(settings))


def _with_turns(model: LanguageModel) -> LanguageModel:
    turns = Turns.of(model.tokenizer)
    model.tokenizer.chat_template = turns.template
    model.tokenizer.eos_token = model.tokenizer.convert_ids_to_tokens(turns.end)
    return model


def require_exportable_student(run: Pipeline, teacher: LanguageModel) -> None:
    """Refuse a student that could not be exported in the end, before anything is trained.

    Args:
        run: its recipe names the model that the student starts from.
        teacher: as it was loaded; the student starts from it unless the recipe names another model.

    Raises:
        ExportError: a family or a tokenizer that the bundle cannot hold.
    """
    other = run.recipe.student.start_from
    start = teacher if other is None else loaded(other)
    require_exportable(start.network, start.tokenizer)


def untrained(run: Pipeline, teacher: LanguageModel) -> Cut:
    """Cut the student, out of the adapted teacher or of the model that the recipe names.

    It passes on the terms of both: a model that learns from another's outputs descends from it too.
    """
    start = _start(run, teacher)
    cut = cut_student(start, run.recipe.student, _measured(run, start))
    sources = dict.fromkeys((*start.sources, *teacher.sources))
    return cut._replace(model=replace(cut.model, sources=tuple(sources)))


def layer_map(run: Pipeline, teacher: LanguageModel) -> LayerMap:
    """Pair the student's layers with the adapted teacher's.

    Raises:
        ModelError: a map that the models do not have, or that leaves student layers out.
    """
    start, settings, similarity = _start(run, teacher), run.recipe.student, None
    layers = kept_layers(start, settings, _measured(run, start))
    if settings.layer_map == "similarity":
        student = untrained(run, teacher).model
        rows = _measured(run, student), _measured(run, teacher)
        similarity = output_similarity(student, teacher, settings, *rows)
    found = student_layer_map(layers, depth(teacher.network), settings, similarity)
    if found.student != tuple(range(len(layers))):
        raise ModelError(
            f"student.layer_map leaves out some of the student's {len(layers)} layers",
            "a teacher layer for each",
            "complete student.layer_map",
        )
    return found


def compared_layers(run: Pipeline, teacher: LanguageModel) -> tuple[int, ...]:
    """Teacher layers whose hidden states the student learns from: paired with its own, or mixed for them.

    Raises:
        ModelError: as in :func:`layer_map`; layers to mix that the teacher does not have; hidden states of unlike width
            that are compared directly.
    """
    objective, width_of_student = run.recipe.objective, run.recipe.student.width
    mine = (width_of_student and width_of_student.hidden) or width(_start(run, teacher).network)
    if objective.has_hidden_term and mine != width(teacher.network):
        raise ModelError(
            f"objective.hidden_weight with hidden states of width {mine} and {width(teacher.network)}",
            "equal widths, or a term that learns a projection",
            "set objective.hidden_weight: 0 and add a loss such as hint under objective.terms",
        )
    if objective.layer_mix is not None:
        return mixed_layers(objective.layer_mix, depth(teacher.network))
    return layer_map(run, teacher).teacher


def with_start(objective: ObjectiveSettings, run: Pipeline, teacher: LanguageModel) -> ObjectiveSettings:
    """The objective, with the shares of mixed layers begun about the student's layer map, where it has one."""
    student = run.recipe.student
    mapped = student.layer_map is not None or student.start_from is None
    if objective.layer_mix is None or objective.layer_mix_start is not None or not mapped:
        return objective
    return objective.model_copy(update={"layer_mix_start": layer_map(run, teacher).teacher})


def _start(run: Pipeline, teacher: LanguageModel) -> LanguageModel:
    """The model that the student is cut from, in full precision."""
    other = run.recipe.student.start_from
    if other is not None:
        return loaded(other)
    return run.full_teacher() if held_matrices(teacher.network) else teacher


def _measured(run: Pipeline, model: LanguageModel) -> tuple[Encoded, ...]:
    """Training rows, where the recipe has something measured on them."""
    return () if run.recipe.student.calibration_rows is None else run.rows(model, "train")
