"""Whether a folder holds a whole model."""

from __future__ import annotations

import json
from pathlib import Path

from stillroom.types import ModelError

_INDEX = "model.safetensors.index.json"


def require_complete(folder: Path) -> None:
    """Refuse a folder without a configuration, or without one of its safetensors files.

    Raises:
        ModelError: something is missing.
    """
    if not (folder / "config.json").is_file() or not list(folder.glob("*.safetensors")):
        raise ModelError(
            f"{folder} holds no model",
            "config.json and *.safetensors",
            "name a folder that save_pretrained wrote",
        )
    index = folder / _INDEX
    shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values() if index.is_file() else ()
    absent = sorted(name for name in set(shards) if not (folder / name).is_file())
    if absent:
        raise ModelError(
            f"{folder} lacks {absent[0]}", f"the files that {_INDEX} names", "fetch the model again"
        )
