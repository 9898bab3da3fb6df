"""Finding and loading a model that a recipe names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stillroom.models.gguf import load_gguf
from stillroom.models.hub import hub_source, is_hub_name, snapshot
from stillroom.models.language_model import LanguageModel
from stillroom.models.settings import ModelSettings
from stillroom.models.store import PACKAGED, locate
from stillroom.types import ModelError


def load_teacher(settings: ModelSettings, chat_template: str | None = None) -> LanguageModel:
    """Load a packaged model, a local folder of safetensors, or a model of the hub.

    Args:
        settings: names the model.
        chat_template: Jinja template that replaces the model's own; None keeps that.

    Raises:
        ModelError: unknown name, absent or damaged file, a model that cannot be fetched, or one of a family whose
            logits are not its last hidden state times its output matrix.
    """
    model = _load(settings)
    if chat_template is not None:
        model.tokenizer.chat_template = chat_template
    return model


def _load(settings: ModelSettings) -> LanguageModel:
    name, folder = settings.model, Path(settings.model)
    if name not in PACKAGED and is_hub_name(name):
        found = snapshot(name, settings.revision)
        return replace(LanguageModel.load(found), sources=(hub_source(name, found),))
    if settings.revision is not None:
        raise ModelError(
            f"revision {settings.revision!r} of {name!r}",
            "a model of the hub, owner/name",
            "leave the revision out",
        )
    if name not in PACKAGED and folder.is_dir():
        return LanguageModel.load(folder)
    return load_gguf(locate(name), PACKAGED[name].source)
