"""Named tensors in one file: whole, checked against their own hash, and known by the run they belong to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from stillroom.train.sharding import part
from stillroom.types import TrainError
from stillroom.types.files import atomic_file

_KEY, _HASH = "key", "sha256"


def trained_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Everything of a module that training changes, by name: parameters that learn, and buffers that are kept.

    Frozen parameters are left out: they are what the run began with.
    """
    kept = module.state_dict(keep_vars=True).keys()
    learning = {name: p.detach() for name, p in module.named_parameters() if p.requires_grad}
    return learning | {name: buffer for name, buffer in module.named_buffers() if name in kept}


def write_tensors(path: Path, key: str, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a file whole or not at all.

    Args:
        path: the file.
        key: identifies the run; :meth:`TensorFile.open` refuses another's.
        tensors: what to keep.
        metadata: text to keep beside them.
    """
    contiguous = {name: tensor.contiguous() for name, tensor in tensors.items()}
    with atomic_file(path) as temporary:
        save_file(contiguous, temporary, metadata={**metadata, _KEY: key, _HASH: _digest(contiguous.items())})


class TensorFile:
    """A file that :func:`write_tensors` wrote and that is known to be sound."""

    def __init__(self, file: Any, metadata: Mapping[str, str]) -> None:
        self._file = file
        self.metadata = metadata

    @classmethod
    def open(cls, path: Path, key: str, fix: str) -> Self:
        """Map a file into memory and check it.

        Args:
            path: the file.
            key: the run it must belong to.
            fix: what the user is told to do about a bad one.

        Raises:
            TrainError: the file is damaged, or belongs to another recipe, corpus or program.
        """
        try:
            file: Any = safe_open(path, framework="pt").__enter__()  # type: ignore[no-untyped-call]
            metadata = file.metadata() or {}
            if metadata.get(_KEY) != key:
                raise TrainError(
                    f"{path} belongs to another recipe or corpus", "a checkpoint of this run", fix
                )
            if _digest((name, file.get_tensor(name)) for name in file.keys()) != metadata.get(_HASH):  # noqa: SIM118
                raise _damaged(path, "its content does not match its hash", fix)
        except (SafetensorError, OSError) as error:
            raise _damaged(path, str(error), fix) from error
        return cls(file, metadata)

    @torch.no_grad()
    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Copy the file's tensors of these names into place, or of each the part that belongs here."""
        for name, tensor in tensors.items():
            tensor.copy_(part(self._file.get_tensor(name), tensor))

    def starting_with(self, prefix: str) -> dict[str, Tensor]:
        """Copies of the tensors whose names start with a prefix, which is taken off."""
        names = [name for name in self._file.keys() if name.startswith(prefix)]  # noqa: SIM118
        return {name.removeprefix(prefix): self._file.get_tensor(name) for name in names}


def _digest(tensors: Iterable[tuple[str, Tensor]]) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors):
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(tensor.cpu().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _damaged(path: Path, reason: str, fix: str) -> TrainError:
    return TrainError(f"{path} is damaged ({reason})", "a whole checkpoint", fix)
