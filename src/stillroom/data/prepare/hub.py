"""Data sets by their name on the Hugging Face hub: from its local cache, else fetched; files of data only, never code.

Nothing is fetched unless the user opens the way with ``HF_HUB_OFFLINE=0``. An access token is read from the
environment (``HF_TOKEN``) alone.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from stillroom.types import DataError

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_ENDINGS = ("parquet", "arrow", "jsonl", "json", "csv")
_FILES = (*(f"*.{ending}" for ending in _ENDINGS), *(f"*.{ending}.gz" for ending in _ENDINGS), "README.md")


def is_hub_name(name: str) -> bool:
    """Whether a name has the form that data sets have on the hub.

    >>> is_hub_name("openlifescienceai/medmcqa"), is_hub_name("medmcqa")
    (True, False)
    """
    return bool(_NAME.fullmatch(name))


def snapshot(name: str, revision: str | None = None) -> Path:
    """Find a data set's files in the hub's local cache, or fetch them.

    Args:
        name: ``owner/name``.
        revision: branch, tag or commit; the main branch where it is None.

    Returns:
        A folder named after the commit, to be read by the source ``huggingface``.

    Raises:
        DataError: it is not in the cache, and cannot be fetched: no network, no such data set, or no access.
    """
    from huggingface_hub import constants

    try:
        return _find(name, revision, local=True)
    except OSError as absent:
        if constants.HF_HUB_OFFLINE:
            raise _not_here(name, "it is not in the local cache, and the hub is switched off") from absent
    try:
        return _find(name, revision, local=False)
    except (OSError, ValueError) as error:
        raise _not_here(name, f"the hub does not give it ({type(error).__name__})") from error


def _find(name: str, revision: str | None, *, local: bool) -> Path:
    from huggingface_hub import snapshot_download

    folder = snapshot_download(
        name,
        repo_type="dataset",
        revision=revision,
        allow_patterns=list(_FILES),
        local_files_only=local,
        token=os.environ.get("HF_TOKEN") or False,
    )
    return Path(folder)


def _not_here(name: str, reason: str) -> DataError:
    return DataError(
        f"no data set {name}: {reason}",
        "one in the local cache of the hub, or one that can be fetched",
        "set HF_HUB_OFFLINE=0, and HF_TOKEN where access is granted by request, or copy its files into a folder",
    )
