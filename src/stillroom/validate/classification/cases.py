"""What classifiers said of the items of one split, checked and brought into one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from stillroom.types import DataError, Subject
from stillroom.validate.classification.settings import ClassificationSettings
from stillroom.validate.statistics.level import Array

Task = Literal["binary", "multiclass", "multilabel"]
_SUM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Cases:
    """Items, their truth, and every subject's probabilities.

    Attributes:
        task: two classes, one of several classes, or any number of labels.
        truth: one column per class or label, shape ``(items, classes)``; of two classes both.
        probabilities: of each subject, the same shape.
        critical: columns that are the positive ones of the whole: that of the second of two classes, or those that
            were named; none of labels.
    """

    task: Task
    truth: NDArray[np.bool_]
    probabilities: Mapping[Subject, Array]
    critical: tuple[int, ...]


def cases(predictions: Mapping[Subject, Any], labels: Any, settings: ClassificationSettings) -> Cases:
    """Check predictions and labels.

    Args:
        predictions: probabilities of each subject: ``(items,)`` of the second of two classes, or ``(items, classes)``.
        labels: ``(items,)`` class numbers from 0, or ``(items, labels)`` of 0 and 1.
        settings: names of the classes.

    Raises:
        DataError: shapes do not fit, a value is no probability, or a label is no class. Items are told by position.
    """
    truth = np.asarray(labels)
    if not predictions or truth.ndim not in {1, 2} or not len(truth):
        raise DataError(
            f"predictions of {len(predictions)} subjects and labels of shape {truth.shape}",
            "at least one subject and one item; labels of shape (items,) or (items, labels)",
            "give every classifier's probabilities, and the true class of each item",
        )
    marks = _marks(truth, len(settings.classes))
    task: Task = "multilabel" if truth.ndim == 2 else "binary" if len(settings.classes) == 2 else "multiclass"
    checked = {subject: _checked(subject, of, marks.shape, task) for subject, of in predictions.items()}
    named = tuple(settings.classes.index(name) for name in settings.critical)
    critical = (1,) if task == "binary" else named if task == "multiclass" else ()
    return Cases(task, marks, checked, critical)


def within(given: Cases, inside: NDArray[np.bool_]) -> Cases:
    """Keep some items."""
    probabilities = {subject: of[inside] for subject, of in given.probabilities.items()}
    return replace(given, truth=given.truth[inside], probabilities=probabilities)


def require_groups(name: str, values: Sequence[str], items: int) -> None:
    """Refuse a list that does not have one entry for each item.

    Raises:
        DataError: another number of entries.
    """
    if len(values) != items:
        raise DataError(
            f"{len(values)} entries of {name} for {items} items",
            "one for each item",
            f"align {name} with the labels",
        )


def _marks(truth: NDArray[Any], classes: int) -> NDArray[np.bool_]:
    if truth.ndim == 2:
        if truth.shape[1] != classes or not np.isin(truth, (0, 1)).all():
            raise DataError(
                f"labels of shape {truth.shape} with values other than 0 and 1, or not {classes} columns",
                f"0 or 1 for each of {classes} labels",
                "give one column for each name in `classes`",
            )
        return truth.astype(bool)
    wrong = np.flatnonzero(~np.isin(truth, np.arange(classes)))
    if len(wrong):
        raise DataError(
            f"the label of item {wrong[0]} is not a class, as of {len(wrong)} items in all",
            f"whole numbers from 0 to {classes - 1}",
            "number the classes in the order of `classes`",
        )
    return np.asarray(np.eye(classes, dtype=bool)[truth.astype(np.int64)])


def _checked(subject: Subject, given: Any, shape: tuple[int, ...], task: Task) -> Array:
    found = np.asarray(given, dtype=np.float64)
    if task == "binary" and found.ndim == 1:
        found = np.stack([1 - found, found], axis=1)
    if found.shape != shape:
        raise DataError(
            f"probabilities of {subject} of shape {found.shape}",
            f"shape {shape}",
            "predict every item, every class",
        )
    sums = found.sum(axis=1) if task != "multilabel" else np.ones(len(found))
    wrong = ~((found >= 0) & (found <= 1)).all(axis=1) | ~(np.abs(sums - 1) <= _SUM_TOLERANCE)
    if wrong.any():
        raise DataError(
            f"{int(wrong.sum())} rows of {subject} that are no probabilities, the first of item {int(wrong.argmax())}",
            "values within [0, 1], which add up to 1 over classes",
            "apply the softmax, or of labels the sigmoid, and look for NaN in the model's input",
        )
    return found if task == "multilabel" else found / sums[:, None]
