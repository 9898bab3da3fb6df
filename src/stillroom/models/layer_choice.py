"""Which layers a student keeps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from stillroom.models.settings import ChosenLayers, LayerChoice, StudentSettings
from stillroom.types import ModelError


def every_kth(depth: int, count: int) -> tuple[int, ...]:
    """Keep the last layer of each of ``count`` blocks of nearly equal size: with depth = m·count, hidden state m·k → k.

    >>> every_kth(30, 10)
    (2, 5, 8, 11, 14, 17, 20, 23, 26, 29)
    >>> every_kth(5, 3)
    (1, 2, 4)
    """
    return tuple((2 * (k + 1) * depth + count) // (2 * count) - 1 for k in range(count))


def spaced(depth: int, count: int) -> tuple[int, ...]:
    """Keep the first and the last layer, and those at equal distances between them; of one layer, the last.

    >>> spaced(30, 10)
    (0, 3, 6, 10, 13, 16, 19, 23, 26, 29)
    """
    if count == 1:
        return (depth - 1,)
    return tuple((2 * k * (depth - 1) + count - 1) // (2 * (count - 1)) for k in range(count))


def least_redundant(similarities: Sequence[float], count: int) -> tuple[int, ...]:
    """Keep the layers whose output is least like their input.

    Args:
        similarities: of each layer's input and output, such as CKA.
        count: how many.

    Source: Men et al. 2024, *ShortGPT* (arXiv:2403.03853), with CKA in the place of the cosine.

    >>> least_redundant([0.2, 0.9, 0.8, 0.1], 2)
    (0, 3)
    """
    return tuple(sorted(sorted(range(len(similarities)), key=lambda layer: similarities[layer])[:count]))


def layers_by_rule(
    rule: LayerChoice, depth: int, count: int, similarities: Sequence[float] | None = None
) -> tuple[int, ...]:
    """Choose layers by a rule's name.

    >>> layers_by_rule("last", 6, 2)
    (4, 5)
    """
    if rule == "similarity":
        assert similarities is not None
        return least_redundant(similarities, count)
    spread = {"uniform": every_kth, "spaced": spaced}
    if rule in spread:
        return spread[rule](depth, count)
    return tuple(range(count)) if rule == "first" else tuple(range(depth - count, depth))


def choose_layers(
    settings: StudentSettings, depth: int, similarities: Sequence[float] | None = None
) -> tuple[int, ...]:
    """Name the layers that a recipe asks for.

    Args:
        settings: the recipe's ``student``.
        depth: layers of the model that the student starts from.
        similarities: of each layer's input and output, where the recipe's rule needs them.

    Raises:
        ModelError: more layers than there are, or a list that is not ascending.
    """
    wanted = settings.layers
    if wanted == "all":
        return tuple(range(depth))
    if isinstance(wanted, ChosenLayers):
        if wanted.count > depth:
            raise ModelError(
                f"student.layers.count is {wanted.count}",
                f"at most {depth}, the layers of the model it starts from",
                "correct student.layers.count",
            )
        return layers_by_rule(wanted.choose, depth, wanted.count, similarities)
    assert isinstance(wanted, tuple)
    if any(a >= b for a, b in pairwise(wanted)) or wanted[0] < 0 or wanted[-1] >= depth:
        raise ModelError(
            f"student.layers is {list(wanted)}",
            f"ascending indices from 0 to {depth - 1}",
            "correct student.layers",
        )
    return wanted
