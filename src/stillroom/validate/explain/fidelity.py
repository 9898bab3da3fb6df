"""How closely a subject follows its teacher, class by class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.types import Subject
from stillroom.validate.statistics.measures import Summed

Array = NDArray[np.float64]


def fidelity(
    said: Mapping[Subject, NDArray[Any]], subject: Subject, classes: Sequence[str]
) -> Iterator[Summed]:
    """Agreement with the teacher's decision and divergence from its answer: of all cases, and of each class.

    A case belongs to the class that the teacher calls it, so a class that distillation lost shows even where the mean
    hides it.

    Args:
        said: probabilities of every subject, ``(cases, classes)``.
        subject: who is compared with the teacher.
        classes: names.
    """
    teacher, mine = (np.asarray(said[who], dtype=np.float64) for who in ("teacher", subject))
    called = teacher.argmax(axis=1)
    same = (mine.argmax(axis=1) == called).astype(np.float64)
    divergence = _divergence(teacher, mine)
    parts = {"": np.ones(len(called), dtype=bool)}
    parts |= {f"class:{name}": called == number for number, name in enumerate(classes)}
    for part, inside in parts.items():
        if inside.any():
            held = inside.astype(np.float64)
            yield Summed("fidelity", np.stack([same * held, held], axis=1), part=part)
            yield Summed("fidelity_kl", np.stack([divergence * held, held], axis=1), kind="free", part=part)


def _divergence(teacher: Array, mine: Array) -> Array:
    """KL(teacher ‖ subject), in nats."""
    least = np.finfo(np.float32).tiny
    logs = np.log(np.maximum(teacher, least)) - np.log(np.maximum(mine, least))
    return np.asarray((teacher * logs).sum(axis=1))
