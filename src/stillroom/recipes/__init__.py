"""Recipes: the schema, the shipped YAML, and the one place where the rooms are joined."""

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.recipes.loading import describe as describe
    from stillroom.recipes.loading import load as load
    from stillroom.recipes.loading import names as names
    from stillroom.recipes.loading import to_yaml as to_yaml
    from stillroom.recipes.result import RunResult as RunResult
    from stillroom.recipes.run import run as run
    from stillroom.recipes.schema import Recipe as Recipe

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Recipe": "schema",
        "RunResult": "result",
        "describe": "loading",
        "load": "loading",
        "names": "loading",
        "run": "run",
        "to_yaml": "loading",
    },
)
