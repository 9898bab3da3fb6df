"""A Ray cluster prepares the corpus that one process does, and fails in one line. Minutes long: `make proofs`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stillroom.data.prepare.build import prepare
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.workers import Alone
from stillroom.recipes.engines.ray_cluster import Cluster
from stillroom.recipes.engines.ray_prepare import ray_workers
from stillroom.recipes.engines.settings import RayEngineSettings
from stillroom.types import DataError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.filterwarnings(r"ignore:::ray\..*"),  # Ray warns of its own deprecated parts
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
]
pytest.importorskip("ray", reason="needs the extra 'ray'")
TWO = {"kind": "ray", "address": "local", "workers": 2, "cpus_per_worker": 1, "gpus_per_worker": 0}
SETTINGS = {"source": "clinical", "name": "c", "sources": {"hpo": {}}}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    started = Cluster(RayEngineSettings.model_validate(TWO))
    started.join()
    yield started
    started.leave()


def notes(folder: Path, count: int, bad: str = "") -> ClinicalSettings:
    folder.mkdir()
    rows = [
        {
            "id": str(n),
            "prompt": f"What is said of case {n} in note {n * 7919}?",
            "response": f"It is note {n * 31}.",
        }
        for n in range(count)
    ]
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows) + bad)
    sources = {"notes": {"adapter": "jsonl", "path": str(folder)}}
    return ClinicalSettings.model_validate({**SETTINGS, "sources": sources})


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_bytes_are_those_of_one_process(cluster: Cluster, tmp_path: Path) -> None:
    settings = notes(tmp_path / "notes", 9000)
    prepare(settings, tmp_path / "one", tmp_path / "work-one", Alone())
    (tmp_path / "work-ray").mkdir()
    with ray_workers(cluster, tmp_path / "work-ray") as workers:
        assert workers.count == 2
        prepare(settings, tmp_path / "ray", tmp_path / "work-ray", workers)
    assert files(tmp_path / "ray") == files(tmp_path / "one")


def test_what_a_worker_refuses_is_told_in_one_line(cluster: Cluster, tmp_path: Path) -> None:
    settings = notes(tmp_path / "notes", 5, bad="no JSON\n")
    (tmp_path / "work").mkdir()
    with (
        pytest.raises(DataError, match="1 malformed of 6 rows"),
        ray_workers(cluster, tmp_path / "work") as workers,
    ):
        prepare(settings, tmp_path / "out", tmp_path / "work", workers)
