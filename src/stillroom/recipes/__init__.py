"""Recipes: the schema, the shipped YAML, and the one place where the rooms are joined."""

from stillroom.recipes.loading import describe, load, names, to_yaml
from stillroom.recipes.schema import Recipe

__all__ = ["Recipe", "describe", "load", "names", "to_yaml"]
