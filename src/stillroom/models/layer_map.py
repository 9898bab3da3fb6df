"""Which teacher layer a student layer is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from stillroom.models.layer_choice import every_kth
from stillroom.types import ModelError


@dataclass(frozen=True, slots=True)
class LayerMap:
    """Pairs of layers, counted from 0, whose outputs should be equal.

    Attributes:
        pairs: ``(student layer, teacher layer)``, ascending; a teacher layer may serve several student layers.
    """

    pairs: tuple[tuple[int, int], ...]

    @property
    def student(self) -> tuple[int, ...]:
        """The student's layers."""
        return tuple(student for student, _ in self.pairs)

    @property
    def teacher(self) -> tuple[int, ...]:
        """The teacher's layers, in the order of the student's."""
        return tuple(teacher for _, teacher in self.pairs)

    @property
    def states(self) -> tuple[tuple[int, int], ...]:
        """The same as hidden-state indices, where 0 is the embedding's output and k + 1 that of layer k.

        >>> LayerMap.uniform(16, 32).states[:3], LayerMap.uniform(16, 32).states[-1]
        (((0, 0), (1, 2), (2, 4)), (16, 32))
        """
        return ((0, 0), *((student + 1, teacher + 1) for student, teacher in self.pairs))

    def __str__(self) -> str:
        """The hidden-state indices on one line.

        >>> str(LayerMap.uniform(2, 4))
        'hidden states student:teacher 0:0 1:2 2:4'
        """
        return f"hidden states student:teacher {' '.join(f'{a}:{b}' for a, b in self.states)}"

    @classmethod
    def uniform(cls, student: int, teacher: int) -> Self:
        """Hold hidden state k of n against state k·m/n of m, rounded: with m = 2n, 2k → k.

        Args:
            student: its number of layers.
            teacher: its number of layers.

        >>> LayerMap.uniform(3, 6).pairs
        ((0, 1), (1, 3), (2, 5))
        """
        return cls(tuple((k, max(layer, 0)) for k, layer in enumerate(every_kth(teacher, student))))

    @classmethod
    def as_cut(cls, layers: Sequence[int], teacher: int) -> Self:
        """Hold a student layer against what the layer after it was trained to read.

        The student's layer k + 1 was the teacher's layer ``layers[k + 1]``, so layer k should hand over the output
        of the teacher layer before that. The last student layer is held against the teacher's last.

        Args:
            layers: the teacher layers that the student kept.
            teacher: number of the teacher's layers.

        >>> LayerMap.as_cut((0, 3, 6, 9), teacher=12).teacher
        (2, 5, 8, 11)
        """
        return cls(tuple(enumerate((*(layer - 1 for layer in layers[1:]), teacher - 1))))

    @classmethod
    def most_similar(cls, similarity: NDArray[np.float64]) -> Self:
        """Find the ascending map with the greatest sum of similarities; the last layers are a pair.

        Args:
            similarity: of each student layer's output (row) and each teacher layer's (column).

        Raises:
            ModelError: the student has more layers than the teacher.

        >>> LayerMap.most_similar(np.array([[0.9, 0.1, 0.0], [0.8, 0.7, 0.6]])).pairs
        ((0, 0), (1, 2))
        """
        students, teachers = similarity.shape
        _require_room(students, teachers)
        best = np.full((students, teachers), -np.inf)
        best[0] = similarity[0]
        for row in range(1, students):
            before = np.maximum.accumulate(best[row - 1])[:-1]
            best[row, 1:] = before + similarity[row, 1:]
        column, found = teachers - 1, [teachers - 1]
        for row in range(students - 2, -1, -1):
            column = int(np.argmax(best[row, :column]))
            found.append(column)
        return cls(tuple(enumerate(reversed(found))))

    @classmethod
    def listed(cls, pairs: Sequence[tuple[int, int]], student: int, teacher: int) -> Self:
        """Take pairs as they are.

        Raises:
            ModelError: a layer that one of the models does not have, or pairs that are not ascending on both sides.
        """
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(pairs))
        inside = all(0 <= a < student and 0 <= b < teacher for a, b in pairs)
        if not pairs or not rising or not inside:
            raise ModelError(
                f"student.layer_map is {[list(pair) for pair in pairs]}",
                f"pairs (student layer 0 to {student - 1}, teacher layer 0 to {teacher - 1}), ascending",
                "correct student.layer_map",
            )
        return cls(tuple(pairs))


def mixed_layers(layers: Sequence[int] | Literal["all"], depth: int) -> tuple[int, ...]:
    """Return the teacher layers that a recipe mixes, counted from 0.

    Args:
        layers: as in the recipe's ``objective.layer_mix``.
        depth: number of the teacher's layers.

    Raises:
        ModelError: a layer that the teacher does not have, or not ascending.

    >>> mixed_layers("all", 3)
    (0, 1, 2)
    """
    chosen = tuple(range(depth)) if layers == "all" else tuple(layers)
    if not all(a < b for a, b in pairwise((-1, *chosen, depth))):
        raise ModelError(
            f"objective.layer_mix is {list(chosen)}",
            f"teacher layers from 0 to {depth - 1}, ascending",
            "correct it, or write all",
        )
    return chosen


def nearness(students: int, mixed: Sequence[int], starts: Sequence[int] | None = None) -> NDArray[np.float64]:
    """How near teacher layers lie to where each student layer begins, in layers; 0 at most.

    Args:
        students: number of the student's layers.
        mixed: the teacher layers that are compared, ascending.
        starts: the teacher layer with which each student layer begins; by default the compared one that lies as far
            through those that are compared as the student's layer through the student.

    Returns:
        Shape ``(students, compared layers)``.

    Raises:
        ModelError: not one start for each student layer.

    >>> nearness(2, range(4)).tolist()
    [[-1.0, -0.0, -1.0, -2.0], [-3.0, -2.0, -1.0, -0.0]]
    >>> nearness(2, (1, 3), starts=(0, 3)).tolist()
    [[-1.0, -3.0], [-2.0, -0.0]]
    """
    if starts is None:
        starts = [mixed[round(end * len(mixed) / students) - 1] for end in range(1, students + 1)]
    if len(starts) != students:
        raise ModelError(
            f"objective.layer_mix_start of {len(starts)} layers, for a student of {students}",
            "a teacher layer for each of the student's",
            "correct it, or leave it out",
        )
    return -np.abs(np.subtract.outer(np.asarray(starts, np.float64), np.asarray(mixed, np.float64)))


def _require_room(students: int, teachers: int) -> None:
    if students > teachers:
        raise ModelError(
            f"a student of {students} layers and a teacher of {teachers}",
            "no more student layers than teacher layers, for a map by similarity",
            "name the pairs in student.layer_map",
        )
