"""The pretrained models that a bedside student starts from or learns from."""

from __future__ import annotations

from stillroom.models.bedside.provenance import ancestors
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.types import Source


def descent(recipe: BedsideRecipe) -> tuple[Source, ...]:
    """Provenance and terms of each of them, once; their terms pass on to the student.

    Raises:
        ModelError: one of the hub that cannot be fetched.
    """
    teachers = [teacher.model for teacher in recipe.teachers.values()]
    assistants = [assistant.model for assistant in recipe.assistants.values()]
    found = [source for of in (recipe.student, *teachers, *assistants) for source in ancestors(of)]
    return tuple(dict.fromkeys(found))
