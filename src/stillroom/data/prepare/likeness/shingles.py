"""Shingles: every run of so many words, or letters, as a number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.likeness.ragged import Ragged, distinct, starts_of

SHINGLE = 5
_BLOCK = 2**16
"""Positions that are worked on at a time, so that they stay in the processor's cache."""
_ROW = np.uint64(32)
_LOW = np.uint64(2**32 - 1)
ALL = 2**32 - 1


@dataclass(frozen=True)
class Sets:
    """Sets of shingles, each whole or, where large, an even sample: all members up to a limit.

    Attributes:
        members: upper halves of the runs' numbers, in rising order, uint32.
        limits: largest number of a member that is kept, uint32.
    """

    members: Ragged
    limits: NDArray[np.uint32]

    def take(self, places: NDArray[np.int64]) -> Sets:
        """Some of the sets."""
        return Sets(self.members.take(places), self.limits[places])

    def in_memory(self) -> Sets:
        """The same sets, none of them on the disk."""
        members = Ragged(np.array(self.members.values), np.array(self.members.starts))
        return Sets(members, np.array(self.limits))


def windows(lists: Ragged, size: int = SHINGLE) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint64]]]:
    """Every run of ``size`` values within a list: the list's number, and the run's of 64 bits.

    A list that is shorter, and not empty, is one run. Given in blocks, lists in rising order; a long list may go on in
    the next block.
    """
    lists = _filled(lists, size)
    owners, ends = lists.owners(), lists.starts[1:]
    factors = [np.uint64(digest("shingle", place) | 1) for place in range(size)]
    for start in range(0, len(owners), _BLOCK):
        inside = owners[start : start + _BLOCK]
        whole = np.arange(start, start + len(inside)) + size <= ends[inside]
        values = lists.values[start : start + _BLOCK + size - 1].astype(np.uint64)
        total = np.zeros(len(inside), np.uint64)
        for place, factor in enumerate(factors):
            shifted = values[place : place + len(inside)]
            total[: len(shifted)] += shifted * factor
        yield inside[whole], _mixed(total[whole])


def sampled(lists: Ragged, most: int, size: int = SHINGLE) -> Sets:
    """The set of every list's shingles.

    Args:
        lists: words or letters.
        most: about how many members are kept of a set with more: those of the smallest numbers, an even sample.
        size: values in a shingle.
    """
    lengths = np.maximum(lists.lengths, 1)
    limits = np.minimum(ALL, 2.0**32 * most / lengths).astype(np.uint32)
    kept = [np.zeros(0, np.uint64)]
    for owners, runs in windows(lists, size):
        numbers = runs >> _ROW
        small = numbers <= limits[owners]
        kept.append(owners[small].astype(np.uint64) << _ROW | numbers[small])
    pairs = distinct(np.concatenate(kept))
    counts = np.bincount((pairs >> _ROW).astype(np.int64), minlength=len(lists))
    return Sets(Ragged((pairs & _LOW).astype(np.uint32), starts_of(counts)), limits)


def _filled(lists: Ragged, size: int) -> Ragged:
    """Lists that are too short for a shingle, filled up with zeros to make one."""
    lengths = lists.lengths
    wanted = np.where((lengths > 0) & (lengths < size), size, lengths)
    if (wanted == lengths).all():
        return lists
    starts = starts_of(wanted)
    values = np.zeros(starts[-1], lists.values.dtype)
    values[np.arange(len(lists.values)) + np.repeat(starts[:-1] - lists.starts[:-1], lengths)] = lists.values
    return Ragged(values, starts)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all (finaliser of SplitMix64: Steele et al. 2014, doi:10.1145/2714064.2660195)."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        numbers = (numbers ^ (numbers >> np.uint64(shift))) * np.uint64(factor)
    return numbers ^ (numbers >> np.uint64(31))
