"""Finished stages of one run, offered to another.

A stage is kept where its key is right and made again where it is not, so a folder that is offered in vain costs nothing
and can do no harm. Files of a finished stage never change: they are linked, not copied.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from stillroom.recipes.record import RECORD
from stillroom.recipes.schema import Recipe
from stillroom.types import Progress
from stillroom.types.files import PRIVATE_DIR_MODE, atomic_dir

SHARED = ("corpus", "teacher", "gate", "signals", "control")
"""Folders of the stages that a sweep over the student's objective need not make again."""


def nearest(recipe: Recipe, others: Mapping[Path, Recipe]) -> list[Path]:
    """Order run folders by how many blocks of their recipes are those of this one, the likest first."""
    own = recipe.model_dump(mode="json")

    def alike(path: Path) -> int:
        other = others[path].model_dump(mode="json")
        return sum(own[name] == other[name] for name in own)

    return sorted(others, key=alike, reverse=True)


def offer(run_dir: Path, donors: Sequence[Path], names: Sequence[str] = SHARED) -> list[str]:
    """Link finished stages of the first donor that has them into a run's folder, where it has none of its own.

    Args:
        run_dir: the run's folder; made if it is not there.
        donors: run folders, the likest first.
        names: folders of the stages that are offered.

    Returns:
        The names of the linked folders.
    """
    run_dir.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)
    linked = []
    for name in names:
        donor = next((path / name for path in donors if (path / name / RECORD).is_file()), None)
        if donor is not None and not (run_dir / name).exists():
            with atomic_dir(run_dir / name) as folder:
                shutil.copytree(donor, folder, copy_function=_link, dirs_exist_ok=True)
            linked.append(name)
    return linked


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
    return target


class SharedRuns:
    """Runs in one folder, each offered the finished stages of the likest run before it.

    Args:
        folder: where the runs go.
        known: runs elsewhere whose stages may be taken over.
    """

    def __init__(self, folder: Path, known: Mapping[Path, Recipe]) -> None:
        self._folder, self._known = folder, dict(known)

    def distil(self, recipe: Recipe, progress: Progress) -> Path:
        """Run a recipe up to its student; return its folder.

        Raises:
            StillroomError: one clear line; everything that was finished is kept.
        """
        from stillroom.recipes.run import run

        run_dir = self._folder / recipe.name
        offer(run_dir, nearest(recipe, self._known))
        run(recipe, self._folder, until="distil", progress=progress)
        self._known[run_dir] = recipe
        return run_dir
