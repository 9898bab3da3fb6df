"""Finding and loading a teacher."""

from __future__ import annotations

from pathlib import Path

from stillroom.models.gguf import load_gguf
from stillroom.models.language_model import LanguageModel
from stillroom.models.settings import TeacherSettings
from stillroom.models.store import PACKAGED, locate


def load_teacher(settings: TeacherSettings, chat_template: str) -> LanguageModel:
    """Load a packaged model by name, or a local folder of safetensors.

    Args:
        settings: names the model.
        chat_template: Jinja template that the corpus is encoded with; it replaces the model's own.

    Raises:
        ModelError: unknown name, absent or damaged file, or another architecture.
    """
    folder = Path(settings.model)
    if settings.model in PACKAGED or not folder.is_dir():
        return load_gguf(locate(settings.model), PACKAGED[settings.model].source, chat_template)
    model = LanguageModel.load(folder)
    model.tokenizer.chat_template = chat_template
    return model
