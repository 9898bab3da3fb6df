"""Who takes part in a recipe, by shape: teacher and student, whether or not their weights are here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stillroom.models.architectures import Architecture
from stillroom.models.roster import KnownModel, known_model
from stillroom.models.settings import Precision, StudentSettings
from stillroom.recipes.planning.weights import WeightFormat
from stillroom.recipes.schema import Recipe
from stillroom.types import RecipeError

_FORMATS: Mapping[Precision, WeightFormat] = {
    "float32": "float32",
    "bfloat16": "bfloat16",
    "int8": "int8",
    "nf4": "nf4",
    "gguf": "q4_1",
}


@dataclass(frozen=True, slots=True)
class Subjects:
    """Teacher and student of a recipe.

    Attributes:
        teacher: the model that teaches.
        student: the model that the student starts from: the teacher itself where it is cut from it.
        student_shape: the student's architecture.
        teacher_format: format of the teacher's weights while it only teaches.
    """

    teacher: KnownModel
    student: KnownModel
    student_shape: Architecture
    teacher_format: WeightFormat

    @property
    def capacity_ratio(self) -> float:
        """Parameters of the teacher over those of the student."""
        return self.teacher.architecture.parameters / self.student_shape.parameters


def subjects(recipe: Recipe) -> Subjects:
    """Find the shapes of a recipe's teacher and student.

    Raises:
        ModelError: a model that is neither packaged nor on the roster nor in a folder.
        RecipeError: the student keeps layers that the model it starts from does not have.
    """
    teacher = known_model(recipe.teacher.model)
    start = recipe.student.start_from
    student = known_model(start.model) if start else teacher
    shape = _cut(student, recipe.student)
    return Subjects(teacher, student, shape, _FORMATS[recipe.teacher.precision])


def _cut(start: KnownModel, settings: StudentSettings) -> Architecture:
    whole = start.architecture
    depth = settings.depth(whole.layers)
    highest = max(settings.layers) if isinstance(settings.layers, tuple) else depth - 1
    if highest >= whole.layers:
        raise RecipeError(
            f"student.layers names layer {highest}",
            f"layers 0 to {whole.layers - 1} of {start.name}",
            "correct student.layers",
        )
    shape = whole.with_layers(depth)
    if settings.width is None:
        return shape
    wanted = settings.width
    return replace(
        shape,
        width=wanted.hidden or shape.width,
        ffn=wanted.ffn or shape.ffn,
        heads=wanted.heads or shape.heads,
        kv_heads=wanted.kv_heads or shape.kv_heads,
    )
