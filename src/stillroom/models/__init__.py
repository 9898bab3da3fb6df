"""Teachers and students: loading, cutting, precision, and prediction in PyTorch."""

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.models.language_model import LanguageModel as LanguageModel
    from stillroom.models.precision import resolve_precision as resolve_precision
    from stillroom.models.predictor import TorchPredictor as TorchPredictor
    from stillroom.models.settings import ModelSettings as ModelSettings
    from stillroom.models.settings import StudentSettings as StudentSettings
    from stillroom.models.settings import TeacherSettings as TeacherSettings
    from stillroom.models.student import build_student as build_student
    from stillroom.models.teacher import load_held_teacher as load_held_teacher
    from stillroom.models.teacher import load_teacher as load_teacher

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "LanguageModel": "language_model",
        "ModelSettings": "settings",
        "StudentSettings": "settings",
        "TeacherSettings": "settings",
        "TorchPredictor": "predictor",
        "build_student": "student",
        "load_held_teacher": "teacher",
        "load_teacher": "teacher",
        "resolve_precision": "precision",
    },
)
