"""Files of folders and of Python packages: these found by the package's own list, which runs nothing of it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path


def find_file(place: str, name: str) -> Path | None:
    """Find a file of a folder, or of the installed package of that name; None where it is in neither.

    >>> find_file("no-such-package", "model.safetensors") is None
    True
    """
    folder = Path(place).expanduser()
    path = folder / name if folder.is_dir() else installed_file(place, name)
    return path if path is not None and path.is_file() else None


def installed_file(package: str, name: str) -> Path | None:
    """Find a file of an installed package by its name; None where the package or the file is absent.

    >>> installed_file("no-such-package", "model.safetensors") is None
    True
    """
    try:
        listed = files(package) or []
    except PackageNotFoundError:
        return None
    paths = (Path(str(file.locate())) for file in listed if file.name == name)
    return next((path for path in paths if path.is_file()), None)
