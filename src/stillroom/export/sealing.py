"""The last thing that happens to the folder of any bundle: documents are added, and everything in it is listed."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from stillroom.export.manifest import MANIFEST, list_files
from stillroom.types import ExportError, Settings
from stillroom.types.files import atomic_dir, write_json, write_text


def seal(folder: Path, manifest: Settings) -> None:
    """Write the manifest of a finished folder: ``manifest`` with the ``files`` that are there now."""
    sealed = manifest.model_copy(update={"files": list_files(folder)})
    write_json(folder / MANIFEST, sealed.model_dump(mode="json"))


def copy_with_documents(bundle: Path, manifest: Settings, documents: Mapping[str, str], target: Path) -> None:
    """Put a bundle with more text files, or other ones, in the place of ``target``, whole or not at all.

    Weights are linked, not copied, where the file system can.

    Args:
        bundle: the folder.
        manifest: its manifest.
        documents: text by file name.
        target: the new folder; it may be ``bundle`` itself.

    Raises:
        ExportError: a name leads into a folder or is the manifest's.
        StorageError: the disk is full or not writable.
    """
    for name in documents:
        if not re.fullmatch(r"\w[\w.-]*", name) or name == MANIFEST:
            raise ExportError(f"document {name!r}", "a plain file name", "name it model_card.md or alike")
    with atomic_dir(target) as temporary:
        shutil.copytree(bundle, temporary, copy_function=_link_or_copy, dirs_exist_ok=True)
        for name, text in documents.items():
            write_text(temporary / name, text)
        seal(temporary, manifest)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
