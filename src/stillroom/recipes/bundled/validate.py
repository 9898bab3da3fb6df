"""``stillroom validate BUNDLE``: hashes first, then figures of the bundle in its own runtime, then the rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from stillroom.export import Bundle
from stillroom.export.manifest import MANIFEST
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.bundled.bedside import measure_bedside_bundle
from stillroom.recipes.bundled.language import measure_language_bundle
from stillroom.recipes.evidence_files import write_evidence
from stillroom.recipes.loading import load
from stillroom.recipes.machine import machine
from stillroom.recipes.schema import Recipe
from stillroom.types import Evidence, ExportError, Progress, silent
from stillroom.types.files import write_json, write_text
from stillroom.validate import VERDICT_FILE, GateSettings, judge, load_tiers, verdict_document

RECIPE = "recipe.yaml"


@dataclass(frozen=True, slots=True)
class ValidatedBundle:
    """What the measuring of a bundle came to.

    Attributes:
        evidence: figures of the bundle alone, with the verdicts of its rules.
        folder: where the evidence was written.
        left_open: gates of its recipe that other subjects are needed for, which are not judged here.
    """

    evidence: Evidence
    folder: Path
    left_open: tuple[str, ...]


def validate_bundle(
    folder: Path,
    overrides: Iterable[str] = (),
    *,
    data: Path | None = None,
    tier: str | None = None,
    output: Path | None = None,
    progress: Progress = silent,
) -> ValidatedBundle:
    """Measure a bundle on the test split, and hold the rules against it.

    Every byte is checked against the manifest before anything is loaded. The bundle's own recipe says what is measured
    on which data; its thresholds and its calibrator are used as they were shipped, nothing is fitted here.

    Args:
        folder: the bundle.
        overrides: changes to its recipe, such as ``data.held_out=hungarian``.
        data: where the data lie: the folder of a bedside task, or a corpus as ``stillroom prepare`` leaves it.
        tier: rules to hold against it, in place of those of its recipe.
        output: where evidence goes; by default beside the bundle, with ``.evidence`` at the end of its name.
        progress: is told how far it is.

    Raises:
        ExportError: the folder is no bundle, or not as it was exported.
        DataError: the data are not at hand, or not of the form that the bundle takes.
        RecipeError: an override or the tier is not valid.
    """
    bundle = _opened(folder)
    recipe = load(folder / RECIPE, overrides)
    tiers = load_tiers(tier) if tier else ()
    own: Sequence[GateSettings] = recipe.evaluate.gates
    if isinstance(recipe, BedsideRecipe) and isinstance(bundle, OnnxBundle):
        measured = measure_bedside_bundle(bundle, recipe, data, progress)
    elif isinstance(recipe, Recipe) and isinstance(bundle, Bundle):
        measured = measure_language_bundle(bundle, recipe, data, progress)
        tiers = tiers or (load_tiers(recipe.evaluate.tier) if recipe.evaluate.tier else ())
    else:
        raise ExportError(f"{folder} whose recipe is of another kind", "a bundle as exported", "export again")
    known = {(metric.name, metric.subject) for metric in measured.metrics}
    judged = judge(measured, [gate for gate in own if (gate.metric, gate.subject) in known], tiers=tiers)
    told = replace(judged, facts={**(judged.facts or {}), "bundle_sha256": bundle.fingerprint})
    target = output or folder.with_name(f"{folder.resolve().name}.evidence")
    _write(told, folder, target)
    return ValidatedBundle(
        told, target, tuple(gate.name for gate in own if (gate.metric, gate.subject) not in known)
    )


def _opened(folder: Path) -> Bundle | OnnxBundle:
    """Open either kind, every file held against the manifest.

    Raises:
        ExportError: it is neither, or damaged.
    """
    try:
        runtime = json.loads((folder / MANIFEST).read_text("utf-8"))["runtime"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        inner = f"name {folder / 'bundle'}" if (folder / "bundle").is_dir() else "name the folder of a bundle"
        raise ExportError(f"{folder} is no bundle", f"a folder with a bundle's {MANIFEST}", inner) from error
    return OnnxBundle.open(folder) if runtime == "onnxruntime" else Bundle.open(folder)


def _write(evidence: Evidence, bundle: Path, target: Path) -> None:
    """Write what two runs are compared by, too."""
    write_evidence(target, evidence)
    write_json(target / VERDICT_FILE, verdict_document(evidence))
    write_json(target / MANIFEST, {"machine": machine()})
    write_text(target / RECIPE, (bundle / RECIPE).read_text("utf-8"))
