"""A suite of two tasks that run in seconds: a table that trees teach, and images that a network teaches."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np

from stillroom.data.bedside.heart_disease import CHANNELS
from stillroom.recipes.suite.reading import read_task
from stillroom.recipes.suite.settings import Profile, Rules, SuiteTask
from stillroom.recipes.suite.shipped import Suite, load_suite
from stillroom.recipes.suite.splits import hashes

_NOTHING = {"train": "0" * 64, "validation": "0" * 64, "test": "0" * 64}
_TABLE = SuiteTask(
    recipe="heart-disease",
    area="table",
    figure="auroc",
    head="classes",
    outputs=2,
    profiles={
        "tiny": Profile(
            changes=(
                "data.held_out=null",
                "evaluate.shift=null",
                "teachers.trees.folds=2",
                "teachers.trees.model.rounds=5",
                "student.widths=[4]",
                "train.steps=6",
            ),
            teach_seconds=1,
            student_seconds=1,
            splits=_NOTHING,
            deploy=False,
        )
    },
)
_IMAGES = SuiteTask(
    recipe="pneumonia",
    area="picture",
    figure="auroc",
    stage="stage1",
    pooled=True,
    head="classes",
    outputs=2,
    profiles={
        "tiny": Profile(
            changes=(
                "evaluate.privacy=null",
                "teachers.resnet.folds=1",
                "teachers.resnet.model.widths=[4,8]",
                "teachers.resnet.train.steps=6",
                "student.widths=[4,8]",
                "train.steps=6",
                "objective={terms: {soft: {loss: forward_kl, weight: 1.0}}}",
            ),
            teach_seconds=1,
            student_seconds=1,
            splits=_NOTHING,
            deploy=False,
        )
    },
)


def made_suite(data: Path) -> Suite:
    """The two tasks with the control, soft targets and hints, two seeds, and the hashes of the made data."""
    shipped = load_suite().narrowed([], ["soft-targets", "hint"])
    rules = Rules.model_validate(
        {**shipped.rules.model_dump(), "seeds": {"tiny": (1, 2)}, "repeats": {"tiny": 100}}
    )
    suite = Suite(rules, {"table": _TABLE, "images": _IMAGES}, shipped.methods)
    return Suite(rules, {name: _pinned(suite, name, data) for name in suite.tasks}, shipped.methods)


def _pinned(suite: Suite, name: str, data: Path) -> SuiteTask:
    task = suite.tasks[name]
    profile = task.profiles["tiny"]
    found = hashes(read_task(suite, name, "tiny", data))
    return task.model_copy(update={"profiles": {"tiny": profile.model_copy(update={"splits": found})}})


def made_data(folder: Path) -> Path:
    """Write a hundred patients of two hospitals and a hundred images."""
    random = np.random.default_rng(0)
    (folder / "heart_disease_uci").mkdir(parents=True)
    names = list(dict.fromkeys(channel.partition("=")[0] for channel in CHANNELS))
    with gzip.open(folder / "heart_disease_uci" / "heart_disease.csv.gz", "wt") as file:
        writer = csv.writer(file)
        writer.writerow(["site", "row", *names, "num"])
        for row in range(100):
            ill = row % 2
            values = {"age": 50 + 10 * ill + row % 7, "oldpeak": ill, "cp": 1 + 3 * ill, "restecg": row % 3}
            writer.writerow(["ab"[row // 50], row, *(values.get(name, 1) for name in names), ill])
    arrays = {}
    for split, number in (("train", 48), ("val", 24), ("test", 28)):
        labels = np.arange(number) % 2
        images = random.integers(100, size=(number, 28, 28), dtype=np.uint8)
        images[labels == 1, :, 14:] += 120
        arrays |= {f"{split}_images": images, f"{split}_labels": labels[:, None]}
    (folder / "pneumoniamnist").mkdir()
    np.savez(folder / "pneumoniamnist" / "pneumoniamnist.npz", **arrays)
    return folder
