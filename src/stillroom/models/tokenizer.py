"""A model's tokenizer without its weights."""

from __future__ import annotations

from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerFast

from stillroom.models.hub import is_hub_name, snapshot
from stillroom.models.settings import ModelSettings
from stillroom.models.store import PACKAGED, locate
from stillroom.types import ModelError


def load_tokenizer(settings: ModelSettings) -> PreTrainedTokenizerFast:
    """Load the tokenizer of a packaged model, of a local folder, or of a model of the hub; no code of it is run.

    Raises:
        ModelError: an unknown name, an absent or damaged file, or a tokenizer that is not of the fast kind.
    """
    folder, file = _place(settings)
    found = AutoTokenizer.from_pretrained(
        folder, gguf_file=file, local_files_only=True, trust_remote_code=False
    )
    if not isinstance(found, PreTrainedTokenizerFast):
        raise ModelError(
            f"{settings.model!r} has a tokenizer of type {type(found).__name__}",
            "one of the fast kind (tokenizer.json)",
            "save the model with its fast tokenizer",
        )
    return found


def _place(settings: ModelSettings) -> tuple[Path, str | None]:
    name = settings.model
    if name not in PACKAGED and is_hub_name(name):
        return snapshot(name, settings.revision), None
    if name not in PACKAGED and Path(name).is_dir():
        return Path(name), None
    path = locate(name)
    return path.parent, path.name
