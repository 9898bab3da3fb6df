"""A student ready for use: weights, tokenizer, recipe, card and a manifest that holds them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stillroom.export.manifest import Manifest, read_manifest, verify
from stillroom.export.sealing import copy_with_documents
from stillroom.types import ExportError, did_you_mean
from stillroom.types.files import fingerprint

if TYPE_CHECKING:
    from stillroom.export.openvino_runtime import OpenVinoPredictor

GGUF = "model.gguf"
FLOAT_FOLDER = "float"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified folder.

    ::

        manifest.json  recipe.yaml  NOTICE  licences/  model_card.md
        float/              float32 safetensors and tokenizer, for training on
        q8_0/ q4_1/ …       model.gguf, and the OpenVINO graph that GenAI made from it

    Attributes:
        path: the folder.
        manifest: what it holds.
    """

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> Bundle:
        """Open a bundle after checking every byte of it against its manifest.

        Raises:
            ExportError: the manifest is missing, damaged or too new, or a file is missing, changed, extra or
                a symbolic link.
        """
        manifest = read_manifest(path)
        verify(path, manifest)
        return cls(path, manifest)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the manifest, hence of every file."""
        return fingerprint(self.manifest.model_dump(mode="json"))

    @property
    def float_path(self) -> Path:
        """Folder of the float weights, as ``save_pretrained`` writes it."""
        return self.path / FLOAT_FOLDER

    def gguf_path(self, quantisation: str | None = None) -> Path:
        """Path of a GGUF file; the default weight type where none is named.

        Raises:
            ExportError: the bundle holds no such weight type.
        """
        return self.path / self._chosen(quantisation) / GGUF

    def predictor(self, quantisation: str | None = None) -> OpenVinoPredictor:
        """Load the student in its runtime; the default weight type where none is named.

        Raises:
            ExportError: the bundle holds no such weight type.
            MissingExtraError: OpenVINO is absent.
        """
        from stillroom.export.openvino_graph import GRAPH
        from stillroom.export.openvino_runtime import OpenVinoPredictor

        return OpenVinoPredictor(
            self.path / self._chosen(quantisation) / GRAPH,
            end_of_turn=self.manifest.end_of_turn,
            precision=self.manifest.runtime.precision,
        )

    def with_documents(self, documents: Mapping[str, str], path: Path | None = None) -> Bundle:
        """Add or replace text files, such as the model card, whose figures are measured on the bundle.

        The bundle is not changed in place: a whole new folder takes its name (or ``path``), weights linked, not
        copied, where the file system can.

        Args:
            documents: text by file name.
            path: where to put the new bundle; by default it replaces this one.

        Raises:
            ExportError: a name leads into a folder or is the manifest's.
            StorageError: the disk is full or not writable.
        """
        target = path or self.path
        copy_with_documents(self.path, self.manifest, documents, target)
        return Bundle(target, read_manifest(target))

    def _chosen(self, quantisation: str | None) -> str:
        names = self.manifest.quantisations
        chosen = quantisation or self.manifest.default
        if chosen not in names:
            raise ExportError(
                f"no weights {chosen!r} in the bundle",
                f"one of {', '.join(names)}",
                did_you_mean(chosen, names),
            )
        return chosen
