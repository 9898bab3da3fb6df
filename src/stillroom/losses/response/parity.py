"""Answers that do not depend on which subgroup a case belongs to."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from stillroom.losses.rows import wide


def demographic_parity(
    student: Tensor, teacher: Tensor, *, groups: Tensor, mask: Tensor | None = None
) -> Tensor:
    r"""How far the mean answers of subgroups lie apart: their variance between groups.

    .. math:: \sum_g \frac{n_g}{n} \bigl\lVert \bar q_g - \bar q \bigr\rVert^2

    with q the student's distribution, its mean over the rows of group g, and over all rows. Neither labels nor the
    teacher are read, so a true difference between groups is taken away too.

    Transfers: nothing of a teacher; a regulariser beside other terms.

    Use when: decisions must come at the same rate in every group, whatever the rates of the outcome are.

    Cost: O(rows · (classes + groups)).

    Needs: two rows or more; it couples the batch, and a group that a batch lacks has no say in it.

    Args:
        student: logits, shape ``(..., classes)``.
        teacher: logits of the same shape; only their shape is looked at.
        groups: whole numbers that tell groups apart, shape ``(...)``.
        mask: rows to keep, booleans of shape ``(...)``; all by default.

    Returns:
        One value in [0, 2], 0 where all groups have the same mean answer.

    Source: Calders, Kamiran & Pechenizkiy 2009, doi:10.1109/ICDMW.2009.83, as a penalty.

    >>> import torch
    >>> logits, groups = torch.tensor([[99.0, 0.0], [0.0, 99.0]]), torch.tensor([0, 1])
    >>> demographic_parity(logits, logits, groups=groups)
    tensor(0.5000)
    """
    if mask is not None:
        student, groups = student[mask], groups[mask]
    return _between(wide(student).softmax(-1).flatten(0, -2), groups.flatten())


def equalised_odds(
    student: Tensor, teacher: Tensor, *, groups: Tensor, targets: Tensor, mask: Tensor | None = None
) -> Tensor:
    r"""How far the mean answers of subgroups lie apart among cases of the same true class.

    .. math:: \frac1{|Y|} \sum_{y \in Y} \sum_g \frac{n_{gy}}{n_y} \bigl\lVert \bar q_{gy} - \bar q_y \bigr\rVert^2

    with q the student's distribution and Y the classes that the batch holds. A perfect answer has 0, unlike under
    :func:`demographic_parity`.

    Transfers: nothing of a teacher; a regulariser beside other terms.

    Use when: misses and false alarms must be as frequent in every group.

    Cost: O(rows · (classes + groups)) for each class.

    Needs: two rows or more; it couples the batch, and a group that lacks a class in a batch has no say in it.

    Args:
        student: logits, shape ``(..., classes)``.
        teacher: logits of the same shape; only their shape is looked at.
        groups: whole numbers that tell groups apart, shape ``(...)``.
        targets: true classes, whole numbers of shape ``(...)``.
        mask: rows to keep, booleans of shape ``(...)``; all by default.

    Returns:
        One value in [0, 2], 0 where within every class all groups have the same mean answer.

    Source: Hardt, Price & Srebro 2016, arXiv:1610.02413, as a penalty.

    >>> import torch
    >>> logits, groups = torch.tensor([[99.0, 0.0], [0.0, 99.0]]), torch.tensor([0, 1])
    >>> equalised_odds(logits, logits, groups=groups, targets=torch.tensor([0, 1]))
    tensor(0.)
    """
    if mask is not None:
        student, groups, targets = student[mask], groups[mask], targets[mask]
    probabilities, groups, targets = (
        wide(student).softmax(-1).flatten(0, -2),
        groups.flatten(),
        targets.flatten(),
    )
    classes = _numbered(targets)
    parts = [
        _between(probabilities[classes == of], groups[classes == of])
        for of in range(int(classes.max()) + 1 if len(classes) else 0)
    ]
    return torch.stack(parts).mean() if parts else probabilities.sum()


def _between(probabilities: Tensor, groups: Tensor) -> Tensor:
    """Variance between the groups' means, ``(rows, classes)`` → one value; 0 without rows."""
    if not len(groups):
        return probabilities.sum()
    member = functional.one_hot(_numbered(groups)).to(probabilities)
    count = member.sum(0)
    means = member.T @ probabilities / count[:, None]
    apart = (means - probabilities.mean(0)).square().sum(-1)
    return (count * apart).sum() / count.sum()


def _numbered(values: Tensor) -> Tensor:
    """Whole numbers from 0, one for each different value."""
    number: Tensor = torch.unique(values, return_inverse=True)[1]
    return number
