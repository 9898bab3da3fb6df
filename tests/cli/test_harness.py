"""The harness from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared_data import shared_data
from stillroom.models import LanguageModel

pytest.importorskip("lm_eval", reason="the extra harness is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


def test_a_model_is_scored_on_local_files(
    stillroom: Callable[..., Any], make_model: Callable[..., LanguageModel], tmp_path: Path
) -> None:
    folder = shared_data("medqa_usmle_test").parent
    make_model(layers=2).save(tmp_path)
    ended = stillroom(
        "harness", str(tmp_path), "--folder", str(folder), "--tasks", "pubmedqa", "--limit", "4", "--json"
    )
    assert ended.code == 0, ended.err
    (found,) = json.loads(ended.out[ended.out.index("[") :])
    assert (found["task"], found["metric"], found["n"]) == ("pubmedqa", "acc", 4)
    assert found["low"] <= found["value"] <= found["high"]


def test_an_unknown_task_is_told_in_a_line(stillroom: Callable[..., Any], tmp_path: Path) -> None:
    ended = stillroom("harness", "smollm2-135m-instruct", "--folder", str(tmp_path), "--tasks", "medqaa")
    assert ended.code != 0
    assert "did you mean 'medqa'" in ended.err
