from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stillroom.train.shardings import SHARDINGS


def test_shardings_are_listed_with_what_they_divide(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("sharding")
    assert ended.code == 0
    assert all(name in ended.out and what in ended.out for name, what in SHARDINGS.items())


def test_one_is_a_file_for_accelerate(stillroom: Callable[..., Any]) -> None:
    path = Path(stillroom("sharding", "fsdp2").out.strip())
    assert "fsdp_version: 2" in path.read_text()


def test_an_unknown_one_is_refused_in_one_line(stillroom: Callable[..., Any]) -> None:
    ended = stillroom("sharding", "fsdp3")
    assert ended.code == 1
    assert "did you mean 'fsdp2'" in ended.err
