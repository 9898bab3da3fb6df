"""Finished stages of one run, offered to another.

A stage is kept where its key is right and made again where it is not, so a folder that is offered in vain costs nothing
and can do no harm. Files of a finished stage never change: they are linked, not copied.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.record import RECORD
from stillroom.recipes.schema import Recipe
from stillroom.types import Progress
from stillroom.types.files import PRIVATE_DIR_MODE, atomic_dir

SHARED = frozenset({"corpus", "teacher", "gate", "cohort", "teach", "signals", "control", "measure"})
"""Folders of the stages that another objective of the student does not touch, or what stands before their dot."""


def nearest(recipe: Recipe | BedsideRecipe, others: Mapping[Path, Recipe | BedsideRecipe]) -> list[Path]:
    """Order run folders by how many blocks of their recipes are those of this one, the likest first."""
    own = recipe.model_dump(mode="json")

    def alike(path: Path) -> int:
        other = others[path].model_dump(mode="json")
        return sum(own[name] == other[name] for name in own)

    return sorted(others, key=alike, reverse=True)


def offer(run_dir: Path, donors: Sequence[Path], names: Collection[str] = SHARED) -> list[str]:
    """Link finished stages of the first donor that has them into a run's folder, where it has none of its own.

    Args:
        run_dir: the run's folder; made if it is not there.
        donors: run folders, the likest first.
        names: folders of the stages that are offered, or what stands before their dot.

    Returns:
        The names of the linked folders.
    """
    run_dir.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIR_MODE)
    linked = []
    for donor in donors:
        for made in sorted(record.parent for record in donor.glob(f"*/{RECORD}")):
            is_named = made.name in names or made.name.partition(".")[0] in names
            if is_named and not (run_dir / made.name).exists():
                with atomic_dir(run_dir / made.name) as folder:
                    shutil.copytree(made, folder, copy_function=_link, dirs_exist_ok=True)
                linked.append(made.name)
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

    def __init__(self, folder: Path, known: Mapping[Path, Recipe | BedsideRecipe]) -> None:
        self._folder, self._known = folder, dict(known)

    def distil(self, recipe: Recipe, progress: Progress) -> Path:
        """Run a recipe up to its student; return its folder.

        Raises:
            StillroomError: one clear line; everything that was finished is kept.
        """
        from stillroom.recipes.run import run

        run_dir = self.opened(recipe)
        run(recipe, self._folder, until="distil", progress=progress)
        return run_dir

    def opened(self, recipe: Recipe | BedsideRecipe) -> Path:
        """The folder of a run, with what other runs have made for it; what it finishes is offered to later ones."""
        run_dir = self._folder / recipe.name
        offer(run_dir, nearest(recipe, self._known))
        self._known[run_dir] = recipe
        return run_dir
