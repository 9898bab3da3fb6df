"""``manifest.json``: everything needed to say how a run came about, and to do it again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.machine import machine, versions
from stillroom.recipes.schema import Recipe
from stillroom.recipes.stages import Stage
from stillroom.types.files import fingerprint, write_json

MANIFEST = "manifest.json"


def manifest(recipe: Recipe | BedsideRecipe, stages: Sequence[Stage]) -> dict[str, Any]:
    """Gather recipe, seed, software, machine and the chain of stages.

    Times are those of the stages themselves, kept ones included, so that a rerun that keeps everything still
    says what the run cost.
    """
    data = recipe.model_dump(mode="json")
    return {
        "name": recipe.name,
        "seed": recipe.seed,
        "recipe": data,
        "recipe_fingerprint": fingerprint(data),
        "versions": versions(),
        "machine": machine(),
        "seconds": round(sum(stage.record.seconds for stage in stages), 3),
        "peak_memory_bytes": max((stage.record.peak_memory_bytes for stage in stages), default=0),
        "stages": [_line(stage) for stage in stages],
    }


def write_manifest(run_dir: Path, recipe: Recipe | BedsideRecipe, stages: Sequence[Stage]) -> None:
    """Write the manifest into the run's folder."""
    write_json(run_dir / MANIFEST, manifest(recipe, stages))


def _line(stage: Stage) -> dict[str, Any]:
    record = stage.record
    return {
        "name": record.stage,
        "folder": stage.path.name,
        "key": record.key,
        "fingerprint": record.fingerprint,
        "parents": dict(record.parents),
        "seconds": record.seconds,
        "peak_memory_bytes": record.peak_memory_bytes,
        "resumed": record.resumed,
        "kept": stage.reused,
        "facts": dict(record.facts),
    }
