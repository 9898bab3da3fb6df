"""What teachers say of cases, kept by the content of each case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from stillroom.types import SignalError
from stillroom.types.cases import Case
from stillroom.types.files import atomic_file

_NAMES, _LENGTHS = "names", ".lengths"

Array = NDArray[Any]


class CaseSignals:
    """Arrays of every case, by name: ``logits``, and features or attention that a teacher shows.

    Attributes:
        arrays: one array for each case, by name.
    """

    def __init__(self, names: Sequence[str], arrays: Mapping[str, Sequence[Array]]) -> None:
        """Take the SHA-256 of each case, and as many arrays of each name."""
        self._names = tuple(names)
        self._place = {name: at for at, name in enumerate(self._names)}
        self.arrays = arrays

    def of(self, name: str, cases: Sequence[Case]) -> Tensor:
        """What was said of some cases as one tensor; shorter ones are filled with NaN.

        Raises:
            SignalError: as :meth:`each` says.
        """
        rows = [torch.from_numpy(array) for array in self.each(name, cases)]
        return (
            pad_sequence(rows, batch_first=True, padding_value=torch.nan)
            if rows[0].ndim
            else torch.stack(rows)
        )

    def each(self, name: str, cases: Sequence[Case]) -> list[Array]:
        """What was said of some cases, in their order.

        Raises:
            SignalError: nothing of that name was recorded, or not of one of the cases.
        """
        if name not in self.arrays:
            raise SignalError(
                f"an objective that reads {name!r} of the teacher",
                f"one of {', '.join(self.arrays)}, which the signals hold",
                "name it in signals.features, and choose a teacher that shows it",
            )
        return [self.arrays[name][place] for place in self._places(cases)]

    def places(self, cases: Sequence[Case]) -> Tensor:
        """Number of each case among all that the teachers were asked about.

        Raises:
            SignalError: no teacher was asked about one of the cases.
        """
        return torch.tensor(self._places(cases))

    def _places(self, cases: Sequence[Case]) -> list[int]:
        unheard = [case.id for case in cases if case.sha256 not in self._place]
        if unheard:
            raise SignalError(
                f"no teacher was asked about {len(unheard)} cases, the first {unheard[0]!r}",
                "signals of every case that is learned from",
                "run `signals` again",
            )
        return [self._place[case.sha256] for case in cases]

    def save(self, path: Path) -> None:
        """Write one private safetensors file, whole or not at all."""
        packed: dict[str, Array] = {
            _NAMES: np.frombuffer(bytes.fromhex("".join(self._names)), np.uint8).reshape(-1, 32)
        }
        for name, arrays in self.arrays.items():
            packed[name] = np.concatenate(arrays)
            packed[f"{name}{_LENGTHS}"] = np.array([len(array) for array in arrays])
        with atomic_file(path) as file:
            save_file(packed, file)

    @classmethod
    def load(cls, path: Path) -> CaseSignals:
        """Read what :meth:`save` wrote.

        Raises:
            SignalError: the file is missing or damaged.
        """
        try:
            packed = load_file(path)
            names = [row.tobytes().hex() for row in packed.pop(_NAMES)]
            whole = [name for name in packed if not name.endswith(_LENGTHS)]
            arrays = {
                name: np.split(packed[name], np.cumsum(packed[f"{name}{_LENGTHS}"])[:-1]) for name in whole
            }
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise SignalError(
                f"{path} holds no signals", "the file as it was saved", "run `signals` again"
            ) from error
        return cls(names, arrays)
