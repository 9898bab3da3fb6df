"""The nouns of a distillation run and the error tree. Imports nothing of the project."""

from stillroom.types.corpus import SPLITS, Corpus, Example, Source, Split
from stillroom.types.errors import (
    DataError,
    EngineError,
    ExportError,
    GateError,
    MissingExtraError,
    ModelError,
    RecipeError,
    SignalError,
    StillroomError,
    StorageError,
    TrainError,
    did_you_mean,
)
from stillroom.types.evidence import SUBJECTS, Curve, Evidence, Gate, Metric, Subject, Verdict
from stillroom.types.predict import Encoded, Predictor
from stillroom.types.progress import Progress, silent
from stillroom.types.settings import Settings

__all__ = [
    "SPLITS",
    "SUBJECTS",
    "Corpus",
    "Curve",
    "DataError",
    "Encoded",
    "EngineError",
    "Evidence",
    "Example",
    "ExportError",
    "Gate",
    "GateError",
    "Metric",
    "MissingExtraError",
    "ModelError",
    "Predictor",
    "Progress",
    "RecipeError",
    "Settings",
    "SignalError",
    "Source",
    "Split",
    "StillroomError",
    "StorageError",
    "Subject",
    "TrainError",
    "Verdict",
    "did_you_mean",
    "silent",
]
