"""A bundle, or a model by its name, before lm-evaluation-harness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from transformers import AutoTokenizer

from stillroom.export import Bundle
from stillroom.export.manifest import MANIFEST
from stillroom.models import TorchPredictor, load_teacher
from stillroom.models.settings import TeacherSettings
from stillroom.validate.harness.run import TaskResult, run_harness
from stillroom.validate.harness.tasks import load_tasks

LONGEST = 2048
"""Most tokens of a question; longer ones are cut on the left."""


def measure_by_harness(
    model: str, names: Sequence[str], folder: Path, limit: int | None = None, longest: int = LONGEST
) -> list[TaskResult]:
    """Score a bundle in its own runtime, or a model in PyTorch, on local benchmarks.

    Args:
        model: path of a bundle, or a model's name or folder as in a recipe.
        names: tasks.
        folder: holds a folder of each source.
        limit: most items of each task; None: all.
        longest: most tokens that are read.

    Raises:
        DataError: an unknown task, or no files of one.
        ExportError: the bundle is damaged.
        ModelError: no such model.
        MissingExtraError: the extra ``harness`` is not installed.
    """
    tasks = load_tasks(list(names), folder, limit)
    if (Path(model) / MANIFEST).is_file():
        bundle = Bundle.open(Path(model))
        tokenizer = AutoTokenizer.from_pretrained(bundle.float_path, local_files_only=True)
        return run_harness(bundle.predictor(), tokenizer, tasks, max_length=longest)
    loaded = load_teacher(TeacherSettings(model=model))
    return run_harness(TorchPredictor(loaded), loaded.tokenizer, tasks, max_length=longest)
