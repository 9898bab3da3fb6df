"""Where the real data sets are that some tests look at; without them those tests are skipped, with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

VARIABLE = "STILLROOM_SHARED_DATA"


def shared_data(name: str) -> Path:
    """Return the folder of a data set, such as ``medquad``.

    Looked for in the folder that ``STILLROOM_SHARED_DATA`` names, by default ``../shared/data`` beside the checkout.
    """
    folder = Path(os.environ.get(VARIABLE) or Path(__file__).parents[2] / "shared" / "data") / name
    if not folder.is_dir():
        pytest.skip(f"no data set {name!r} in {folder.parent}; set {VARIABLE} to the folder that holds it")
    return folder
