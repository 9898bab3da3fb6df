"""The mixture: how much of each source, task or specialty is learned from, and how much of each source is held out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.data.prepare.dropping import leave_out
from stillroom.data.prepare.settings.mix import MixSettings
from stillroom.data.prepare.stage import Outcome

Class = tuple[str, str]
"""A split, and the source, task or specialty."""
_TRAIN = "train"


def quotas(rows: Mapping[str, int], temperature: float, total: int | None) -> dict[str, int]:
    r"""How many rows of each class are taken.

    .. math:: m_c = \min(n_c, \; k \, n_c^{1/T}) \quad \text{with } k \text{ so that } \sum_c m_c = \text{total}

    A class that has too few rows gives all of them, and the others share the rest.

    Args:
        rows: how many rows each class has.
        temperature: T ≥ 1.
        total: rows in all; None for as many as there are.

    Source: Arivazhagan et al. 2019, arXiv:1907.05019 (temperature-based sampling).

    >>> quotas({"large": 900, "small": 100}, 1.0, 500), quotas({"large": 900, "small": 100}, 100.0, 500)
    ({'large': 450, 'small': 50}, {'large': 400, 'small': 100})
    """
    if total is None or total >= sum(rows.values()):
        return dict(rows)
    shares = {name: count ** (1 / temperature) for name, count in rows.items()}
    taken: dict[str, float] = {}
    while True:
        open_ = [name for name in rows if name not in taken]
        factor = (total - sum(taken.values())) / sum(shares[name] for name in open_)
        full = [name for name in open_ if factor * shares[name] >= rows[name]]
        if not full:
            exact = taken | {name: factor * shares[name] for name in open_}
            return _rounded({name: exact[name] for name in rows}, total)
        taken |= {name: float(rows[name]) for name in full}


def _rounded(exact: Mapping[str, float], total: int) -> dict[str, int]:
    """Whole numbers of the same sum: the largest remainders are rounded up."""
    whole = {name: int(value + 1e-9) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (whole[name] - exact[name], name))
    for name in by_remainder[: total - sum(whole.values())]:
        whole[name] += 1
    return whole


@dataclass(frozen=True)
class Mix:
    """Takes so many rows of each class by temperature sampling without repetition, the smallest hashes first.

    Rows are chosen by the hash of their identifier: a larger total takes the same rows and more.
    """

    settings: MixSettings
    name: str = field(default="mix", init=False)

    def survey(self, rows: pa.Table) -> dict[Class, NDArray[np.uint64]]:
        """Note the hashes of each class."""
        numbers: dict[Class, list[int]] = {}
        for id, each in zip(rows["id"].to_pylist(), _classes(rows, self.settings.by), strict=True):
            numbers.setdefault(each, []).append(_number(id))
        return {each: np.array(some, np.uint64) for each, some in numbers.items()}

    def decide(self, surveys: Iterable[Mapping[Class, NDArray[np.uint64]]]) -> Taken:
        """Find the largest hash that is taken of each class."""
        parts: dict[Class, list[NDArray[np.uint64]]] = {}
        for survey in surveys:
            for each, some in survey.items():
                parts.setdefault(each, []).append(some)
        numbers = {each: np.sort(np.concatenate(some)) for each, some in sorted(parts.items())}
        taken = {each: self._most(each[0], len(some)) for each, some in numbers.items()}
        train = {name: len(some) for (split, name), some in numbers.items() if split == _TRAIN}
        wanted = quotas(train, self.settings.temperature, self.settings.train_items)
        taken |= {(_TRAIN, name): count for name, count in wanted.items()}
        bounds = {each: int(numbers[each][count - 1]) if count else -1 for each, count in taken.items()}
        return Taken(bounds, self.settings.by)

    def _most(self, split: str, rows: int) -> int:
        most = {"validation": self.settings.validation_items, "test": self.settings.test_items}.get(split)
        return rows if most is None else min(rows, most)


@dataclass(frozen=True)
class Taken:
    """Leaves out the rows of each class whose hash is beyond what is taken."""

    bounds: Mapping[Class, int]
    by: str
    name: str = field(default="mix", init=False)

    def apply(self, rows: pa.Table) -> Outcome:
        """Choose among the rows of one table."""
        pairs = zip(rows["id"].to_pylist(), _classes(rows, self.by), strict=True)
        reasons = [
            "" if _number(id) <= self.bounds[each] else f"beyond the {each[0]} rows asked for"
            for id, each in pairs
        ]
        kept, dropped, _ = leave_out(rows, reasons)
        return Outcome(kept, dropped)


def _classes(rows: pa.Table, by: str) -> list[Class]:
    """Training rows are balanced by what the recipe says, the others are counted by source."""
    columns = (rows[name].to_pylist() for name in ("split", "source", by))
    return [
        (split, name if split == _TRAIN else source) for split, source, name in zip(*columns, strict=True)
    ]


def _number(id: str) -> int:
    return digest("mix", id)
