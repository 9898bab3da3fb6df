from __future__ import annotations

import json
from pathlib import Path

from stillroom.recipes import load
from stillroom.recipes.manifest import write_manifest
from stillroom.recipes.stages import Stages
from stillroom.types.files import fingerprint


def test_the_manifest_ties_every_stage_to_recipe_parents_and_software(tmp_path: Path) -> None:
    recipe = load("quickstart")
    with Stages(tmp_path) as stages:
        corpus = stages.run("prepare", {"rows": 5}, lambda out, work: {"rows": 5}, folder="corpus")
        stages.run("teach", {}, lambda out, work: None, parents=[corpus])
        write_manifest(tmp_path, recipe, stages.finished)

    written = json.loads((tmp_path / "manifest.json").read_text())
    assert written["recipe"] == recipe.model_dump(mode="json")
    assert written["recipe_fingerprint"] == fingerprint(written["recipe"])
    assert {"torch", "transformers", "stillroom"} <= set(written["versions"])
    assert {"cpu", "cpu_features", "cores", "memory_bytes", "python", "system"} == set(written["machine"])
    prepare, teach = written["stages"]
    assert (prepare["folder"], prepare["facts"]) == ("corpus", {"rows": 5})
    assert teach["parents"] == {"prepare": prepare["fingerprint"]}
    assert written["peak_memory_bytes"] == max(prepare["peak_memory_bytes"], teach["peak_memory_bytes"])
