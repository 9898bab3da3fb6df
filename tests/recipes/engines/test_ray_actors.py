from __future__ import annotations

import subprocess
import sys

from stillroom.recipes.engines.ray_actors import Letters, Lives


def test_letters_are_fetched_once_and_in_order() -> None:
    letters = Letters()
    letters.post("student", 1, 2, {})
    letters.post("student", 2, 2, {})
    assert letters.fetch() == [("student", 1, 2, {}), ("student", 2, 2, {})]
    assert letters.fetch() == []


def test_lives_run_out() -> None:
    lives = Lives(2)
    assert [lives.begin() for _ in range(3)] == [True, True, False]


def test_an_actor_needs_no_pytorch() -> None:
    command = "import stillroom.recipes.engines.ray_actors, sys; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", command], check=True, timeout=200)
