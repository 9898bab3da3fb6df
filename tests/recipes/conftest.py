"""A recipe that runs in seconds: a tiny random teacher and a made file of questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stillroom.models import LanguageModel
from stillroom.recipes import Recipe, load

BUDGET = {"steps": 4, "tokens_per_step": 512, "tokens_per_pass": 512}


@pytest.fixture(scope="module")
def memory_is_known() -> Iterator[None]:
    """No fresh process is started to measure a bundle's memory: ``test_run.py`` measures it in one whole run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stillroom.recipes.cost.peak_memory_bytes", lambda *_: 1)
        yield


@pytest.fixture
def small_recipe(tmp_path: Path, make_model: Callable[..., LanguageModel]) -> Recipe:
    folder = tmp_path / "model"
    folder.mkdir()
    make_model(layers=4).save(folder)
    lines = [
        {
            "id": f"q{n}",
            "prompt": f"Name number {n}.",
            "response": f"It is {n} and {n + 1}.",
            "group": f"g{n}",
        }
        for n in range(120)
    ]
    file = tmp_path / "made.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in lines))
    changes: dict[str, Any] = {
        "corpus": {
            "source": "file",
            "path": str(file),
            "about": {"name": "made", "version": "1", "licence": "CC0-1.0", "url": "", "citation": ""},
            "columns": {name: name for name in ("id", "prompt", "response", "group")},
            "seed": 1,
            "train": 60,
            "validation": 15,
            "test": 15,
            "validation_share": 0.2,
            "test_share": 0.2,
            "response_characters": None,
        },
        "teacher": {"model": str(folder)},
        "teach": {**BUDGET, "steps": 40, "learning_rate": 1e-2},
        "student": {"layers": [1, 3]},
        "train": BUDGET,
        "evaluate": {"token_items": 12, "bootstrap_repeats": 100, "gates": []},
    }
    data: dict[str, Any] = load("quickstart").model_dump(mode="json")
    for block, values in changes.items():
        data[block] = values if block == "corpus" else {**data[block], **values}
    return load(data)
