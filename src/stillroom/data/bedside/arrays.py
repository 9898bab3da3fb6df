"""Arrays of a NumPy archive on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read arrays of a ``.npz`` archive; one that holds Python objects is refused, for reading it could run them.

    Raises:
        DataError: the file cannot be read, or lacks an array.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [name for name in names if name not in archive.files]
            if missing:
                raise DataError(
                    f"{path.name} has no array {missing[0]!r}",
                    f"the arrays {', '.join(names)}",
                    "take the file as its source gives it",
                )
            return {name: archive[name] for name in names}
    except (OSError, TypeError, ValueError, BadZipFile) as error:
        raise DataError(
            f"cannot read {path}: {type(error).__name__}",
            "the NumPy archive as its source gives it",
            "correct data.folder",
        ) from error


def as_image(pixels: NDArray[Any], size: int, name: str) -> NDArray[np.float32]:
    """One image as ``(height, width, channels)`` of grey levels 0 to 255.

    Raises:
        DataError: it has another size.
    """
    if pixels.shape[:2] != (size, size):
        raise DataError(
            f"{name} has {pixels.shape[:2]} pixels", f"({size}, {size})", "resize the images alike"
        )
    return np.asarray(pixels.reshape(size, size, -1), dtype=np.float32)
