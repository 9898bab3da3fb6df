"""Models by their name on the Hugging Face hub: from its local cache, else fetched, safetensors only.

Nothing is fetched unless the user opens the way with ``HF_HUB_OFFLINE=0``. An access token is read from the
environment (``HF_TOKEN``) alone.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from stillroom.models.complete import require_complete
from stillroom.types import ModelError, Source

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_FILES = ("model*.safetensors", "*.json", "*.jinja", "tokenizer.model", "README.md")


def is_hub_name(name: str) -> bool:
    """Whether a name has the form that models have on the hub, and is no folder here.

    >>> is_hub_name("m42-health/Llama3-Med42-8B"), is_hub_name("smollm2-135m-instruct")
    (True, False)
    """
    return bool(_NAME.fullmatch(name)) and not Path(name).is_dir()


def snapshot(name: str, revision: str | None = None) -> Path:
    """Find a model's files in the hub's local cache, or fetch them.

    Args:
        name: ``owner/name``.
        revision: branch, tag or commit; the main branch where it is None.

    Returns:
        A folder named after the commit.

    Raises:
        ModelError: it is not in the cache, and cannot be fetched: no network, no such model, or no access.
    """
    from huggingface_hub import snapshot_download

    def find(*, local: bool) -> Path:
        folder = snapshot_download(
            name,
            revision=revision,
            allow_patterns=list(_FILES),
            local_files_only=local,
            token=os.environ.get("HF_TOKEN") or False,
        )
        require_complete(Path(folder))
        return Path(folder)

    try:
        return find(local=True)
    except (OSError, ModelError) as absent:
        if _offline():
            raise _not_fetched(
                name, "it is not whole in the local cache, and the hub is switched off"
            ) from absent
    try:
        return find(local=False)
    except (OSError, ValueError) as error:
        raise _not_fetched(name, _reason(error)) from error


def hub_source(name: str, folder: Path) -> Source:
    """Where a snapshot comes from, and on what terms: the licence of its model card."""
    from huggingface_hub import metadata_load

    card = folder / "README.md"
    facts = (metadata_load(card) or {}) if card.is_file() else {}
    licence = facts.get("license_name") or facts.get("license") or "not stated: check before use"
    return Source(name, f"commit {folder.name}", str(licence), f"https://huggingface.co/{name}", "")


def _offline() -> bool:
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _reason(error: Exception) -> str:
    """Why the hub did not give a model, in a few words."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    if isinstance(error, GatedRepoError):
        return "access to it must be granted first"
    if isinstance(error, RepositoryNotFoundError):
        return "the hub has no such model, or not for this token"
    if isinstance(error, RevisionNotFoundError):
        return "it has no such revision"
    return "the hub cannot be reached"


def _not_fetched(name: str, reason: str) -> ModelError:
    return ModelError(
        f"cannot load {name}: {reason}",
        "a model in the local cache of the hub, or one that can be fetched",
        "set HF_HUB_OFFLINE=0, and HF_TOKEN where access is granted by request, or name a local folder",
    )
