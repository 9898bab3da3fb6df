"""Files that travel in Python packages: found by the package's own list, which runs nothing of it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path


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
