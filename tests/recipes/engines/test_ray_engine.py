"""Two workers of a real Ray on this machine do what one process does, and fail in one line.

Minutes long, because every worker is a process that imports PyTorch: `make proofs`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from signals.blocks import SAMPLED
from signals.blocks import settings as signal_settings
from stillroom.data import encode_all
from stillroom.models import LanguageModel
from stillroom.recipes import load, run
from stillroom.recipes.engines import ray_data
from stillroom.recipes.engines.engine import LocalEngine, Training
from stillroom.recipes.engines.ray_cluster import Cluster
from stillroom.recipes.engines.ray_engine import RayEngine
from stillroom.recipes.engines.settings import RayEngineSettings
from stillroom.signals import collect
from stillroom.train import HARD_LABELS
from stillroom.types import EngineError, Example, TrainError, silent
from train.tiny import settings as train_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.filterwarnings(r"ignore:::ray\..*"),  # Ray warns of its own deprecated parts
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
pytest.importorskip("ray", reason="needs the extra 'ray'")

TWO = {"kind": "ray", "address": "local", "workers": 2, "cpus_per_worker": 1, "gpus_per_worker": 0}
TRAINING = {"steps": 20, "tokens_per_step": 192, "tokens_per_pass": 48, "checkpoint_seconds": 1e-9}
COUNTS = {"definitions": 12, "synonyms": 16, "differentials": 4}
BUDGET = {"steps": 10, "tokens_per_step": 1024, "tokens_per_pass": 512, "precision": "float32"}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One cluster for all tests: an engine takes the one that is there."""
    os.environ["OMP_NUM_THREADS"] = "1"  # equal bytes need equal threads
    torch.set_num_threads(1)
    started = Cluster(RayEngineSettings.model_validate(TWO))
    started.join()
    yield started
    started.leave()


@pytest.fixture
def engine(cluster: Cluster) -> RayEngine:
    return RayEngine(cluster.settings)


@pytest.fixture
def teacher(make_model, tmp_path) -> LanguageModel:
    (tmp_path / "teacher").mkdir()
    make_model(layers=2, seed=9).save(tmp_path / "teacher")
    return LanguageModel.load(tmp_path / "teacher")


def content(folder: Path) -> dict[str, str]:
    files = (file for file in folder.iterdir() if file.name.startswith(("shard-", "index", "output")))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def kill_a(kind: str) -> None:
    """Kill one of this cluster's workers as a machine that fails would."""
    processes = psutil.Process().children(recursive=True)
    next(process for process in processes if kind in " ".join(process.cmdline())).kill()


def test_examples_are_encoded_as_here(engine, tokenizer, monkeypatch) -> None:
    examples = [Example(str(n), "Define. " * n, "fits", "k", "s", "basic", str(n)) for n in range(1, 30)]
    monkeypatch.setattr("stillroom.recipes.engines.ray_engine.WORTH_SPREADING", 1)
    monkeypatch.setattr(ray_data, "_CHUNK_EXAMPLES", 8)
    there, here = engine.encode(examples, tokenizer, 60), encode_all(examples, tokenizer, 60)
    assert (there.examples, there.dropped) == (here.examples, here.dropped)
    assert len(here.dropped) > 5
    assert [(row.ids.tolist(), row.start) for row in there.rows] == [
        (row.ids.tolist(), row.start) for row in here.rows
    ]


def test_a_store_has_the_same_bytes_though_a_worker_was_lost(engine, teacher, rows, tmp_path) -> None:
    block, told = signal_settings(SAMPLED, shard_tokens=20), []

    def progress(task: str, done: int, total: int, figures: Any = None) -> None:
        if not told:
            kill_a("_Scribe")
        told.append((task, done, total))

    spread = engine.spread(tmp_path / "teacher", tmp_path / "there")
    there = collect(teacher, rows, tmp_path / "there", block, layers=(0, 1), spread=spread, progress=progress)
    here = collect(teacher, rows, tmp_path / "here", block, layers=(0, 1))
    assert there == here
    assert content(tmp_path / "there") == content(tmp_path / "here")
    assert len(told) > 10
    assert told[-1] == ("signals", here.tokens, here.tokens)


def training(rows, **changes: object) -> Training:
    return Training(
        rows=rows[8:],
        validation=rows[:8],
        names=[str(place) for place in range(len(rows) - 8)],
        settings=train_settings(**{**TRAINING, **changes}),
        objective=HARD_LABELS,
        signals=None,
        seed=1,
        key="run",
        task="student",
    )


def test_a_worker_that_is_lost_ends_a_training_and_the_next_one_goes_on(
    engine, make_model, rows, tmp_path
) -> None:
    def kill_after_the_first_checkpoint() -> None:
        while not list((tmp_path / "there").glob("checkpoint-*")):
            time.sleep(0.01)
        kill_a("RayTrainWorker")

    killer = threading.Thread(target=kill_after_the_first_checkpoint)
    killer.start()
    many = training(rows, steps=60)
    with pytest.raises(EngineError, match="a Ray worker was lost") as lost:
        engine.fit(make_model(layers=2), many, tmp_path / "there", tmp_path / "logs", silent)
    killer.join()
    assert "\n" not in str(lost.value)
    checkpoints = sorted((tmp_path / "there").glob("checkpoint-*"))
    first = int(checkpoints[-1].stem.removeprefix("checkpoint-"))
    assert first < 60
    told: list[int] = []
    model, alone = make_model(layers=2), make_model(layers=2)
    engine.fit(model, many, tmp_path / "there", tmp_path / "logs", lambda _, done, *more: told.append(done))
    assert (min(told), max(told)) == (first + 1, 60)
    LocalEngine().fit(alone, many, tmp_path / "here", tmp_path / "logs", silent)
    for name, weight in model.network.named_parameters():
        torch.testing.assert_close(weight, dict(alone.network.named_parameters())[name], rtol=1e-3, atol=1e-3)


def test_what_a_worker_raises_is_raised_here(engine, make_model, rows, tmp_path) -> None:
    with pytest.raises(TrainError, match=r"a training row of \d+ tokens; expected at most 3") as refused:
        engine.fit(
            make_model(layers=2), training(rows, tokens_per_pass=3), tmp_path, tmp_path / "logs", silent
        )
    assert "\n" not in str(refused.value)


def test_a_cluster_that_is_too_small_is_refused(cluster) -> None:
    with pytest.raises(EngineError, match="a cluster of 2 CPUs; expected at least 6: 3 workers with 2 each"):
        Cluster(cluster.settings.model_copy(update={"workers": 3, "cpus_per_worker": 2})).join()


def test_a_run_that_began_here_goes_on_with_the_same_result(cluster, make_model, tmp_path) -> None:
    (tmp_path / "model").mkdir()
    make_model(layers=4).save(tmp_path / "model")
    recipe = load("quickstart").model_dump(mode="json")
    recipe |= {"name": "tiny", "teacher": {**recipe["teacher"], "model": str(tmp_path / "model")}}
    recipe["max_tokens"] = 128
    recipe["corpus"] |= {"train": COUNTS, "validation": COUNTS, "test": COUNTS}
    recipe["teach"] |= {**BUDGET, "learning_rate": 1e-2, "steps": 40}
    recipe["student"] |= {"layers": [1, 3]}
    recipe["train"] |= BUDGET
    recipe["evaluate"] |= {"token_items": 20, "choice_items": 5, "gates": []}
    run(load(recipe), tmp_path / "here", until="teach")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    told: set[str] = set()
    run(load(recipe), tmp_path / "here", until="distil")
    run(
        load({**recipe, "engine": TWO}),
        tmp_path / "there",
        until="distil",
        progress=lambda task, *more: told.add(task),
    )
    assert told >= {"prepare (kept)", "teach (kept)", "signals", "control", "student"}
    here, there = (stages(tmp_path / name / "tiny") for name in ("here", "there"))
    assert {name: stage["key"] for name, stage in here.items()} == {
        name: stage["key"] for name, stage in there.items()
    }
    assert here["signals"]["fingerprint"] == there["signals"]["fingerprint"]
    for name in ("control", "student"):
        weights, others = (
            dict(LanguageModel.load(tmp_path / place / "tiny" / name).network.named_parameters())
            for place in ("here", "there")
        )
        for parameter, weight in weights.items():
            torch.testing.assert_close(weight, others[parameter], rtol=1e-5, atol=1e-5, msg=parameter)


def stages(run_dir: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((run_dir / "manifest.json").read_text(encoding="utf-8"))
    return {stage["name"]: stage for stage in manifest["stages"]}
