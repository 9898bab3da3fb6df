"""Small made cohorts: a series of which the second channel tells the class, and pictures of a bright half."""

from __future__ import annotations

import numpy as np

from stillroom.train.settings import TrainSettings
from stillroom.types import Source
from stillroom.types.cases import Case, Cohort, Head

SOURCE = Source("made", "1", "CC0-1.0", "", "")
BUDGET = TrainSettings(
    steps=4,
    tokens_per_step=16,
    tokens_per_pass=16,
    learning_rate=1e-2,
    schedule="constant",
    final_learning_rate_share=1.0,
    warmup_steps=0,
    weight_decay=0.0,
    betas=(0.9, 0.999),
    epsilon=1e-8,
    max_grad_norm=1.0,
    precision="float32",
    gradient_checkpointing=False,
    max_skipped_steps=0,
    checkpoint_seconds=60,
    keep_checkpoints=1,
    evaluate_every_share=1.0,
)


def made_case(number: int, *, hours: int = 6, known: bool = True) -> Case:
    """A case whose class is the sign of a trend, with gaps."""
    random = np.random.default_rng([7, number])
    ill = number % 2
    series = random.normal(size=(hours, 3)).astype(np.float32)
    series[:, 1] += (2 * ill - 1) * np.linspace(0.5, 2.0, hours, dtype=np.float32)
    series[random.random(series.shape) < 0.3] = np.nan
    static = random.normal(size=2).astype(np.float32)
    return Case(
        id=f"made/{number}",
        group=f"patient {number}",
        inputs={"series": series, "static": static},
        target=np.asarray(ill if known else -1, dtype=np.int64),
        keys={"sex": "female" if number % 3 else "male"},
        focus=np.eye(hours, dtype=np.float32)[number % hours],
    )


def made_cohort(train: int = 60, others: int = 20) -> Cohort:
    """Cases in three splits."""
    numbers = iter(range(train + 2 * others))
    return Cohort(
        name="made",
        sources=(SOURCE,),
        head=Head("classes", ("well", "ill")),
        channels={"series": ("a", "b", "c"), "static": ("d", "e")},
        splits={
            "train": tuple(made_case(next(numbers)) for _ in range(train)),
            "validation": tuple(made_case(next(numbers)) for _ in range(others)),
            "test": tuple(made_case(next(numbers)) for _ in range(others)),
        },
        dropped={"no measurement": 1},
        mended={},
        split_rule="by number",
    )


def made_grids(shape: tuple[int, ...], cases: int = 12, classes: int = 2) -> Cohort:
    """Waves ``(time, channels)`` or pictures ``(height, width, channels)``: which part is strong tells the class."""
    random = np.random.default_rng(11)
    made = []
    for number in range(3 * cases):
        grid = random.normal(size=shape).astype(np.float32)
        part = shape[0] // classes
        grid[part * (number % classes) :][:part] += 2.0
        made.append(Case(f"grid/{number}", f"group {number}", {"grid": grid}, np.asarray(number % classes)))
    return Cohort(
        name="grids",
        sources=(SOURCE,),
        head=Head("classes", tuple("abc"[:classes])),
        channels={"grid": tuple(f"channel {number}" for number in range(shape[-1]))},
        splits={
            "train": tuple(made[:cases]),
            "validation": tuple(made[cases : 2 * cases]),
            "test": tuple(made[2 * cases :]),
        },
        dropped={},
        mended={},
        split_rule="by number",
    )


def made_outlines(volumes: int = 4, slices: int = 3) -> Cohort:
    """Volumes of slices of 8 × 8 pixels, the last row and column outside; two bright squares are to be outlined."""
    random = np.random.default_rng(13)
    made = []
    for volume in range(3 * volumes):
        for at in range(slices):
            target = np.zeros((8, 8), np.int64)
            target[1:3, 1 + at % 2 : 4], target[4:6, 3:6] = 1, 2
            image = (target + 0.3 * random.normal(size=target.shape)).astype(np.float32)
            target[7], target[:, 7] = -1, -1
            image[7], image[:, 7] = np.nan, np.nan
            name = f"volume {volume}"
            made.append(Case(f"outline/{volume}/{at}", name, {"image": image[..., None]}, target))
    part = volumes * slices
    return Cohort(
        name="outlines",
        sources=(SOURCE,),
        head=Head("classes", ("background", "upper", "lower")),
        channels={"image": ("grey",)},
        splits={
            "train": tuple(made[:part]),
            "validation": tuple(made[part : 2 * part]),
            "test": tuple(made[2 * part :]),
        },
        dropped={},
        mended={},
        split_rule="by number",
    )
