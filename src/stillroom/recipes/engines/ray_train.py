"""A training by the workers of a cluster: each runs :func:`stillroom.train.fit`, and the first one writes."""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stillroom.models import LanguageModel
from stillroom.recipes.engines.engine import Training
from stillroom.recipes.engines.ray_actors import Letters
from stillroom.recipes.engines.ray_cluster import Cluster, keep_to_own_devices
from stillroom.recipes.engines.ray_errors import told_in_one_line
from stillroom.recipes.engines.ray_shared import SharedFolder
from stillroom.recipes.engines.rows import JoinedRows
from stillroom.train.weights import TensorFile, write_tensors
from stillroom.types import Progress
from stillroom.types.record import TrainRecord

_POLL_SECONDS = 0.5
_START, _TRAINED, _RECORD = "start", "trained.safetensors", "record"


def fit(
    cluster: Cluster, model: LanguageModel, training: Training, work: Path, logs: Path, progress: Progress
) -> TrainRecord:
    """Train the model in place on the workers.

    They read its weights from the run's folder, and leave the trained ones there.
    """
    ray, home = cluster.join(), work.resolve() / "ray"
    (home / _START).mkdir(parents=True, exist_ok=True)
    model.save(home / _START)
    with told_in_one_line(), SharedFolder.marked(home) as shared:
        letters = ray.remote(num_cpus=0)(Letters).remote()
        config = {
            "shared": shared,
            "training": replace(training, rows=(), validation=()),
            "rows": ray.put(JoinedRows.of(training.rows)),
            "validation": ray.put(JoinedRows.of(training.validation)),
            "work": work.resolve(),
            "logs": logs.resolve(),
            "letters": letters,
        }
        _run(ray, _trainer(cluster, config), letters, progress)
    return _brought_back(model, training, home)


def _trainer(cluster: Cluster, config: Mapping[str, Any]) -> Any:
    from ray.train import FailureConfig, RunConfig, ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    settings = cluster.settings
    gpu = settings.gpus_per_worker > 0
    resources = {"CPU": settings.cpus_per_worker} | ({"GPU": 1} if gpu else {})
    return TorchTrainer(
        _work,
        train_loop_config=dict(config),
        torch_config=TorchConfig(backend="nccl" if gpu else "gloo"),
        scaling_config=ScalingConfig(
            num_workers=settings.workers, use_gpu=gpu, resources_per_worker=resources
        ),
        run_config=RunConfig(
            name="training",
            storage_path=str(config["shared"].path),
            failure_config=FailureConfig(max_failures=0),
        ),
    )


def _work(config: Mapping[str, Any]) -> None:
    """Do one worker's part."""
    import ray
    from ray.train import get_context

    # Rows that machines share are read-only; they are copied into batches, never written.
    warnings.filterwarnings("ignore", "The given NumPy array is not writable")
    keep_to_own_devices(ray)
    shared: SharedFolder = config["shared"]
    shared.require()
    model = LanguageModel.load(shared.path / _START)
    training: Training = replace(
        config["training"],
        rows=ray.get(config["rows"]).cut(),
        validation=ray.get(config["validation"]).cut(),
    )
    record = training.run(model, config["work"], config["logs"], config["letters"].post.remote)
    if get_context().get_world_rank() == 0:
        metadata = {_RECORD: json.dumps(record.to_dict())}
        write_tensors(shared.path / _TRAINED, training.key, _weights(model, training.peer), metadata)


def _run(ray: Any, trainer: Any, letters: Any, progress: Progress) -> None:
    """Wait for the workers, and pass on what they tell.

    The trainer has a thread of its own: in the main thread it would take over the handling of Ctrl-C for good.
    """
    failures: list[BaseException] = []

    def run() -> None:
        try:
            trainer.fit()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_SECONDS)
        for told in ray.get(letters.fetch.remote()):
            progress(*told)
    if failures:
        raise failures[0]


def _brought_back(model: LanguageModel, training: Training, home: Path) -> TrainRecord:
    file = TensorFile.open(home / _TRAINED, training.key, f"delete {home} to start again")
    file.restore(_weights(model, training.peer))
    return TrainRecord.from_dict(json.loads(file.metadata[_RECORD]))


def _weights(model: LanguageModel, peer: LanguageModel | None) -> dict[str, Any]:
    return {
        f"{whose}.{name}": parameter.detach()
        for whose, learned in (("model", model), ("peer", peer))
        if learned is not None
        for name, parameter in learned.network.named_parameters()
    }
