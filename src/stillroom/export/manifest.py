"""The list of everything in a bundle, with hashes: what is not on it, or differs from it, is refused."""

from __future__ import annotations

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Protocol

from pydantic import Field, ValidationError

from stillroom.export.settings import Quantisation, RuntimePrecision
from stillroom.types import ExportError, Settings
from stillroom.types.files import file_sha256

FORMAT: Final = 1
MANIFEST = "manifest.json"
INTENDED_USE = "research and assistive use under a clinician; never an autonomous diagnosis"

_EXPORT_AGAIN = "export the bundle again, or copy it whole"


class File(Settings):
    """Size and SHA-256 of one file."""

    bytes: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Runtime(Settings):
    """What the bundle's figures were measured in."""

    engine: Literal["openvino"]
    version: str
    precision: RuntimePrecision


class Manifest(Settings):
    """What a bundle is, where it came from and what it holds.

    Attributes:
        format: version of this layout.
        name: the model's name.
        stillroom: version of the package that wrote it.
        intended_use: what the bundle may be used for.
        runtime: the runtime and its number format.
        end_of_turn: id of the token that ends a response.
        default: weight type that is used when none is named.
        quantisations: weight types, each a folder of that name.
        parents: SHA-256 fingerprints of what the bundle was made from, by noun.
        files: every file but the manifest, by path relative to the bundle.
    """

    format: Literal[1] = FORMAT
    name: str
    stillroom: str
    intended_use: str
    runtime: Runtime
    end_of_turn: int
    default: Quantisation
    quantisations: tuple[Quantisation, ...]
    parents: Mapping[str, str]
    files: Mapping[str, File]


def list_files(root: Path) -> dict[str, File]:
    """Hash every file of a bundle but its manifest.

    Raises:
        ExportError: something in it is no plain file or folder, such as a symbolic link.
    """
    paths = sorted(path for path in root.rglob("*") if path != root / MANIFEST)
    for path in paths:
        if not (stat.S_ISREG(mode := path.lstat().st_mode) or stat.S_ISDIR(mode)):
            raise _refused(f"{path.relative_to(root)} is a link or a device", "plain files")
    return {
        path.relative_to(root).as_posix(): File(bytes=path.stat().st_size, sha256=file_sha256(path))
        for path in paths
        if path.is_file()
    }


def read_manifest(root: Path) -> Manifest:
    """Read a bundle's manifest without checking its files.

    Raises:
        ExportError: there is none, or it is damaged or of a later format.
    """
    path = root / MANIFEST
    if not path.is_file() or path.is_symlink():
        raise _refused(f"{root} has no {MANIFEST}", "a bundle")
    try:
        text = path.read_text(encoding="utf-8")
        _require_format(json.loads(text))
        return Manifest.model_validate_json(text)
    except (ValidationError, ValueError) as error:
        raise _refused(f"{MANIFEST} is damaged", "the manifest that the export wrote") from error


class Listing(Protocol):
    """A manifest of any kind of bundle."""

    @property
    def files(self) -> Mapping[str, File]:
        """Every file but the manifest, by path relative to the bundle."""


def verify(root: Path, manifest: Listing) -> None:
    """Hold every file against the manifest.

    Raises:
        ExportError: a file is missing, changed or not listed, or a link; the message names it.
    """
    found = list_files(root)
    for name, file in manifest.files.items():
        if name not in found:
            raise _refused(f"{name} is missing", "every file of the manifest")
        if found[name] != file:
            raise _refused(f"{name} has been changed", f"SHA-256 {file.sha256[:12]}…")
    for name in sorted(found.keys() - manifest.files.keys()):
        raise _refused(f"{name} is not in the manifest", "only the files of the manifest")


def _require_format(content: object) -> None:
    version = content.get("format") if isinstance(content, dict) else None
    if isinstance(version, int) and version > FORMAT:
        raise ExportError(f"a bundle of format {version}", f"format {FORMAT} or earlier", "update stillroom")


def _refused(got: str, expected: str) -> ExportError:
    return ExportError(got, expected, _EXPORT_AGAIN)
