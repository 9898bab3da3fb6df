"""A causal language model with its tokenizer and its lineage."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from stillroom.models.folder import load_network
from stillroom.models.offload import all_weights
from stillroom.models.quantised import count_parameters, held_matrices
from stillroom.types import ModelError, Source
from stillroom.types.files import write_json

_LINEAGE = "lineage.json"


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A teacher or a student.

    Attributes:
        network: the weights, float32.
        tokenizer: its tokenizer, chat template included.
        sources: where the weights come from and on what terms; passed on to every model derived from it.
    """

    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    sources: tuple[Source, ...]

    @property
    def parameters(self) -> int:
        """Number of parameters, tied matrices counted once."""
        return count_parameters(self.network)

    def fingerprint(self) -> str:
        """SHA-256 over the names, shapes and bytes of all weights, and over the format of those held in fewer."""
        formats = sorted({matrix.precision for matrix in held_matrices(self.network)})
        digest = hashlib.sha256(" ".join(formats).encode())
        for name, parameter in sorted(all_weights(self.network).items()):
            digest.update(f"{name}{tuple(parameter.shape)}{parameter.dtype}".encode())
            digest.update(parameter.detach().cpu().contiguous().view(torch.uint8).numpy().data)
        return digest.hexdigest()

    def save(self, folder: Path) -> None:
        """Write safetensors weights, tokenizer and lineage into an existing folder.

        Raises:
            ModelError: the weights are held in a format for teaching.
        """
        if formats := {matrix.precision for matrix in held_matrices(self.network)}:
            raise ModelError(
                f"a model held in {', '.join(sorted(formats))}",
                "the model in full precision",
                "save it before it is held",
            )
        self.network.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        write_json(folder / _LINEAGE, [asdict(source) for source in self.sources])

    @classmethod
    def load(cls, folder: Path, *, as_stored: bool = False) -> LanguageModel:
        """Read a decoder of any family. Only safetensors are read, no code of the folder is run.

        Args:
            folder: the model's folder.
            as_stored: keep the files' number format instead of float32.

        Raises:
            ModelError: the folder holds no whole model, or one of a family that is not supported.
        """
        network = load_network(folder, as_stored=as_stored)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        return cls(network, tokenizer, lineage(folder))


def lineage(folder: Path) -> tuple[Source, ...]:
    """What the model in a folder descends from, as it was saved with it."""
    file = folder / _LINEAGE
    if file.is_file():
        return tuple(Source.from_dict(source) for source in json.loads(file.read_text(encoding="utf-8")))
    return (Source(folder.name, "local", "not stated: check before use", "", ""),)
