"""Finding and loading a model that a recipe names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from stillroom.models.gguf import load_gguf
from stillroom.models.holding import hold_teacher, require_device, teaching_device
from stillroom.models.hub import hub_source, is_hub_name, snapshot
from stillroom.models.language_model import LanguageModel, lineage
from stillroom.models.settings import ModelSettings, TeacherSettings
from stillroom.models.store import PACKAGED, locate
from stillroom.types import ModelError, Source


def load_teacher(settings: ModelSettings, chat_template: str | None = None) -> LanguageModel:
    """Load a packaged model, a local folder of safetensors, or a model of the hub.

    Args:
        settings: names the model.
        chat_template: Jinja template that replaces the model's own; None keeps that.

    Raises:
        ModelError: unknown name, absent or damaged file, a model that cannot be fetched, or one of a family whose
            logits are not its last hidden state times its output matrix.
    """
    return _templated(_load(settings), chat_template)


def load_held_teacher(settings: TeacherSettings, chat_template: str | None = None) -> LanguageModel:
    """Load a teacher that is used as it is, held as its recipe says, without widening it to float32 first.

    Args:
        settings: names the model, its precision, and whether its layers wait on the CPU.
        chat_template: as in :func:`load_teacher`.

    Raises:
        ModelError: as in :func:`load_teacher`; ``gguf`` for a model that is no GGUF file, or offloading without a
            device.
        MissingExtraError: ``nf4`` without bitsandbytes.
    """
    device = teaching_device()
    require_device(settings, device)
    if settings.precision == "gguf":
        return _templated(_load_packed(settings.model), chat_template)
    model = _load(settings, as_stored=settings.precision != "float32")
    return hold_teacher(_templated(model, chat_template), settings, device)


def sources_of(settings: ModelSettings) -> tuple[Source, ...]:
    """Provenance and terms of a model that a recipe names, which is not loaded for it.

    Raises:
        ModelError: a model of the hub that cannot be fetched.
    """
    name = settings.model
    if name in PACKAGED:
        return (PACKAGED[name].source,)
    if is_hub_name(name):
        return (hub_source(name, snapshot(name, settings.revision)),)
    return lineage(Path(name))


def _templated(model: LanguageModel, chat_template: str | None) -> LanguageModel:
    if chat_template is not None:
        model.tokenizer.chat_template = chat_template
    return model


def _load_packed(name: str) -> LanguageModel:
    if name not in PACKAGED:
        raise ModelError(
            f"teacher.precision: gguf, and {name!r} is no GGUF file",
            f"one of {', '.join(sorted(PACKAGED))}",
            "choose int8 or nf4, which are packed after loading",
        )
    return load_gguf(locate(name), PACKAGED[name].source, packed=True)


def _load(settings: ModelSettings, *, as_stored: bool = False) -> LanguageModel:
    name, folder = settings.model, Path(settings.model)
    if name not in PACKAGED and is_hub_name(name):
        found = snapshot(name, settings.revision)
        return replace(LanguageModel.load(found, as_stored=as_stored), sources=(hub_source(name, found),))
    if settings.revision is not None:
        raise ModelError(
            f"revision {settings.revision!r} of {name!r}",
            "a model of the hub, owner/name",
            "leave the revision out",
        )
    if name not in PACKAGED and folder.is_dir():
        return LanguageModel.load(folder, as_stored=as_stored)
    return load_gguf(locate(name), PACKAGED[name].source)
