"""Changes to a recipe, tried before they are advised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from stillroom.recipes.loading import load_language
from stillroom.recipes.schema import Recipe
from stillroom.types import StillroomError

Edit = tuple[str, ...]
"""``key=value`` items that belong together."""


def edited(recipe: Recipe, edits: Iterable[str]) -> Recipe | None:
    """The recipe with the edits, or None where it would be refused."""
    try:
        return load_language(recipe.model_dump(mode="json"), edits)
    except StillroomError:
        return None


def fewest(
    recipe: Recipe, candidates: Sequence[Edit], good: Callable[[Recipe], bool]
) -> tuple[Edit, Recipe] | None:
    """Add candidates in their order until the recipe is good, then take back those that were not needed.

    Args:
        recipe: the recipe as it stands.
        candidates: the mildest first; one that the schema refuses is passed over.
        good: judges a recipe.

    Returns:
        The edits and the recipe with them; None where all together do not help.
    """
    taken: list[Edit] = []
    for candidate in candidates:
        if edited(recipe, _flat([*taken, candidate])) is None:
            continue
        taken.append(candidate)
        if _good(recipe, taken, good):
            break
    else:
        return None
    for candidate in tuple(taken[:-1]):
        without = [other for other in taken if other is not candidate]
        if _good(recipe, without, good):
            taken = without
    edits = _flat(taken)
    changed = edited(recipe, edits)
    assert changed is not None
    return edits, changed


def _good(recipe: Recipe, taken: Sequence[Edit], good: Callable[[Recipe], bool]) -> bool:
    changed = edited(recipe, _flat(taken))
    return changed is not None and good(changed)


def _flat(taken: Sequence[Edit]) -> Edit:
    """All items; of several for one key the last."""
    latest = {item.partition("=")[0]: item for edit in taken for item in edit}
    return tuple(latest.values())
