"""Attacks on who was learned from: the baseline on the published training, and what others found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stillroom.data.hashing import shuffled
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside.teaching import teachers_say
from stillroom.recipes.bedside.trained import trained_answers
from stillroom.types import Split, Subject
from stillroom.types.cases import Case
from stillroom.validate.privacy.attack import Attack
from stillroom.validate.privacy.loss_threshold import case_losses, loss_threshold
from stillroom.validate.privacy.outside import read_attacks
from stillroom.validate.privacy.settings import PrivacySettings

_SUBJECTS: tuple[Subject, ...] = ("teacher", "control", "student")


def attacks(run: BedsideRun, settings: PrivacySettings) -> Iterator[Attack]:
    """Attack teacher, control and student of the first training, whose bundle is published; then those of the file.

    Raises:
        DataError: the file of results cannot be read.
    """
    learned, unseen = (_chosen(run, split, settings.items) for split in ("train", "test"))
    groups = [case.group for case in learned], [case.group for case in unseen]
    for subject in _SUBJECTS:
        remembered, new = (_losses(run, subject, cases) for cases in (learned, unseen))
        yield loss_threshold(subject, remembered, new, groups)
    if settings.results is not None:
        yield from read_attacks(Path(settings.results))


def _chosen(run: BedsideRun, split: Split, items: int | None) -> list[Case]:
    """Cases with a truth, at most so many, by hash."""
    truth = run.truth(split) if run.cohort.head.kind == "classes" else None
    known = [
        case
        for at, case in enumerate(run.cases(split))
        if (truth is None and np.isfinite(case.target).any())
        or (truth is not None and (truth[at] >= 0).any())
    ]
    return known if items is None else shuffled(known, "privacy", run.recipe.seed)[:items]


def _losses(run: BedsideRun, subject: Subject, cases: list[Case]) -> np.ndarray:
    head = run.cohort.head
    if subject == "teacher":
        said = teachers_say(run, cases)
    else:
        stage = f"{subject}.{run.recipe.seeds[0]}"
        said = np.stack(trained_answers(run, stage, run.network(stage), cases))
    return case_losses(said, np.stack([case.target for case in cases]), head)
