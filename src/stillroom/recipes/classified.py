"""What a recipe wants measured of its classifiers, in a run and of a bundle by itself."""

from __future__ import annotations

from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.validate import ClassificationSettings


def measured_of(
    recipe: BedsideRecipe, classes: tuple[str, ...], rare: tuple[str, ...] = ()
) -> ClassificationSettings:
    """Read the settings of the measurement from a recipe.

    Args:
        recipe: its block ``evaluate`` and its seed.
        classes: names of the classes or labels.
        rare: those that few training cases have; a bundle by itself does not know them.
    """
    wanted = recipe.evaluate
    return ClassificationSettings(
        classes=classes,
        critical=wanted.critical,
        rare=rare,
        threshold=wanted.threshold,
        bootstrap_repeats=wanted.bootstrap_repeats,
        ece_bins=wanted.ece_bins,
        seed=recipe.seed,
    )
