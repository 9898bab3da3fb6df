"""The points of a grid over recipe keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from stillroom.recipes.loading import load_language
from stillroom.recipes.schema import Recipe
from stillroom.types import RecipeError
from stillroom.types.files import fingerprint

_PLAIN = re.compile(r"[a-z0-9._-]+")
_OPEN, _CLOSE = "[{(", "]})"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a grid.

    Attributes:
        values: each swept key with its value, as written.
        seed: of the run.
        recipe: the recipe there, named after the point.
    """

    values: Mapping[str, str]
    seed: int
    recipe: Recipe

    @property
    def name(self) -> str:
        """Name of the point and of its run folder."""
        return self.recipe.name


def points(recipe: Recipe, items: Iterable[str], seeds: Sequence[int]) -> list[Point]:
    """List every combination of values and seeds; points that share most of their stages stand together.

    Args:
        recipe: what is varied.
        items: ``key=value,value,...``; an item with a single value is a change of all points. Commas inside brackets
            belong to a value.
        seeds: of student and control, which share one teacher; the recipe's own where there are none.

    Raises:
        RecipeError: an item is not of that form, or a point would be refused as a recipe; nothing has run by then.

    >>> from stillroom.recipes import load
    >>> [point.name for point in points(load("quickstart"), ["objective.alpha=0.5,1.0"], [1, 2])]
    ['alpha-0.5.seed-1', 'alpha-1.0.seed-1', 'alpha-0.5.seed-2', 'alpha-1.0.seed-2']
    """
    axes = dict(axis(item) for item in items)
    if len(axes) == 0 and not seeds:
        raise RecipeError(
            "a sweep over nothing", "key=value,value,... or --seeds", "name what is to be varied"
        )
    found = []
    for seed in seeds or [recipe.seed]:
        for values in product(*axes.values()):
            found.append(_point(recipe, dict(zip(axes, values, strict=True)), axes, seed))
    return found


def _point(recipe: Recipe, values: Mapping[str, str], axes: Mapping[str, Sequence[str]], seed: int) -> Point:
    varied = {key: value for key, value in values.items() if len(axes[key]) > 1}
    name = _name({**varied, "seed": str(seed)})
    edits = [*(f"{key}={value}" for key, value in values.items()), f"train.seed={seed}", f"name={name}"]
    return Point(varied, seed, load_language(recipe.model_dump(mode="json"), edits))


def _name(values: Mapping[str, str]) -> str:
    """A readable folder name; values that are no plain words are told by their hash."""
    told = {
        key: value if _PLAIN.fullmatch(value) else fingerprint(value)[:8] for key, value in values.items()
    }
    short = {key: key.rpartition(".")[2] for key in told}
    unique = len(set(short.values())) == len(short)
    return ".".join(f"{short[key] if unique else key}-{value}" for key, value in told.items())


def axis(item: str) -> tuple[str, tuple[str, ...]]:
    """Read one item: a key and its values, as written.

    Raises:
        RecipeError: it is not of that form.
    """
    key, equals, text = item.partition("=")
    values = tuple(value.strip() for value in _pieces(text))
    if not equals or not key or not all(values):
        raise RecipeError(
            f"sweep item {item!r}", "key=value,value,...", "write it like objective.alpha=0.3,0.7"
        )
    return key, values


def _pieces(text: str) -> Iterator[str]:
    """Cut at commas outside brackets."""
    depth, piece = 0, ""
    for letter in text:
        depth += (letter in _OPEN) - (letter in _CLOSE)
        if letter == "," and depth == 0:
            yield piece
            piece = ""
        else:
            piece += letter
    yield piece
