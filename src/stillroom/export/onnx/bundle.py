"""A bedside student ready for use: its graph, what it takes, and a manifest that holds them together."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from numpy.typing import NDArray
from pydantic import Field, ValidationError

import stillroom
from stillroom.export.manifest import INTENDED_USE, MANIFEST, File, verify
from stillroom.export.notice import write_licences
from stillroom.export.onnx.graph import OPSET, write_graph
from stillroom.export.onnx.runtime import OnnxModel
from stillroom.export.sealing import copy_with_documents, seal
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.types import ExportError, Settings, Source
from stillroom.types.calibrators import AnyCalibrator, Calibrator, Temperature, calibrated
from stillroom.types.cases import Case
from stillroom.types.files import atomic_dir, fingerprint, write_text

FORMAT: Final = 1
GRAPH = "model.onnx"


class OnnxManifest(Settings):
    """What a bedside bundle is, where it came from, what it takes and gives."""

    format: Literal[1] = FORMAT
    name: str = Field(description="the model's name")
    stillroom: str = Field(description="version of the package that wrote it")
    intended_use: str = Field(description="what it may be used for")
    runtime: Literal["onnxruntime"] = "onnxruntime"
    precision: Literal["float32", "int8"] = Field(
        default="float32", description="number format of matrices and convolutions"
    )
    opset: int = Field(description="version of the operations")
    inputs: Mapping[str, tuple[int | None, ...]] = Field(description="shape of each input, without the batch")
    channels: Mapping[str, tuple[str, ...]] = Field(description="names of the last axis of an input")
    answer: Literal["classes", "labels", "values"] = Field(description="what the answer is")
    names: tuple[str, ...] = Field(description="names of the answer's last axis")
    temperature: tuple[float, ...] = Field(description="what logits are divided by, inside the graph")
    calibrator: Calibrator | None = Field(
        default=None,
        description="what the runtime makes of the graph's answers, fitted on validation data; null where a "
        "temperature inside the graph is all there is",
    )
    thresholds: tuple[float, ...] = Field(
        description="probabilities from which on an answer counts as positive, or what probabilities of several "
        "classes are multiplied by before the largest is called; chosen on validation data"
    )
    parents: Mapping[str, str] = Field(description="SHA-256 of what it was made from")
    files: Mapping[str, File] = Field(description="every file but the manifest")


@dataclass(frozen=True, slots=True)
class OnnxBundle:
    """A verified folder.

    ::

        manifest.json  recipe.yaml  NOTICE  model_card.md
        model.onnx  (tokenizer.json, of a reader of texts)

    Attributes:
        path: the folder.
        manifest: what it holds.
    """

    path: Path
    manifest: OnnxManifest

    @classmethod
    def open(cls, path: Path) -> OnnxBundle:
        """Open a bundle after checking every byte of it against its manifest.

        Raises:
            ExportError: the manifest is missing or damaged, or a file is missing, changed, extra or a link.
        """
        try:
            manifest = OnnxManifest.model_validate_json((path / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise ExportError(
                f"{path} has no {MANIFEST} of a bedside bundle",
                "the folder as it was exported",
                "export again",
            ) from error
        verify(path, manifest)
        return cls(path, manifest)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the manifest, hence of every file."""
        return fingerprint(self.manifest.model_dump(mode="json"))

    @property
    def graph_path(self) -> Path:
        """The ONNX file."""
        return self.path / GRAPH

    def model(self) -> OnnxModel:
        """Load the graph in its runtime, its calibrator behind it.

        Raises:
            MissingExtraError: ONNX Runtime is absent.
        """
        return OnnxModel(self.graph_path, self.manifest.calibrator)

    def uncalibrated(self, cases: Sequence[Case]) -> list[NDArray[Any]]:
        """What it would answer without calibrator and temperature, to measure what they bring.

        Raises:
            MissingExtraError: ONNX Runtime is absent.
        """
        if self.manifest.answer == "values":
            return list(OnnxModel(self.graph_path).answers(cases))
        undone = Temperature(
            labels=self.manifest.answer == "labels",
            temperatures=tuple(1 / temperature for temperature in self.manifest.temperature),
        )
        return [calibrated(answer, undone) for answer in OnnxModel(self.graph_path).answers(cases)]

    def with_documents(self, documents: Mapping[str, str], path: Path) -> OnnxBundle:
        """Copy the bundle to a folder, with text files more.

        Raises:
            ExportError: a name leads into a folder or is the manifest's.
            StorageError: the disk is full or not writable.
        """
        copy_with_documents(self.path, self.manifest, documents, path)
        return OnnxBundle.open(path)

    def in_int8(self, graph: Path) -> OnnxBundle:
        """Put the same model in eight bits in the bundle's place.

        Raises:
            StorageError: the disk is full or not writable.
        """
        manifest = self.manifest.model_copy(update={"precision": "int8"})
        with atomic_dir(self.path) as folder:
            for name in manifest.files:
                shutil.copy2(graph if name == GRAPH else self.path / name, folder / name)
            seal(folder, manifest)
        return OnnxBundle.open(self.path)


def write_bundle(
    network: BedsideNetwork,
    form: Form,
    path: Path,
    *,
    name: str,
    temperature: Sequence[float],
    calibrator: AnyCalibrator | None = None,
    thresholds: Sequence[float],
    recipe_yaml: str,
    parents: Mapping[str, str],
    data_sources: Sequence[Source],
    model_sources: Sequence[Source] = (),
    companions: Mapping[str, str] = MappingProxyType({}),
    features: Sequence[str] = (),
) -> OnnxBundle:
    """Write a student as a bundle, whole or not at all; an existing one of that name is replaced.

    Args:
        network: the student.
        form: what it takes and gives.
        path: folder of the bundle.
        name: the model's name.
        temperature: what logits are divided by, inside the graph.
        calibrator: what the runtime makes of the graph's answers.
        thresholds: where an answer counts as positive; empty where the likeliest class is the answer.
        recipe_yaml: the recipe that made it, verbatim.
        parents: SHA-256 fingerprints of what it was made from.
        data_sources: what it was trained on, for the notice.
        model_sources: the models it derives from, teachers included, for the notice.
        companions: text files that go with it, by name, such as a tokenizer that raw input is read with.
        features: what the network shows that the graph gives beside the answer.

    Raises:
        ExportError: the network has no form in ONNX.
        MissingExtraError: a package of the extra ``bedside`` is absent.
        StorageError: the disk is full or not writable.
    """
    manifest = OnnxManifest(
        name=name,
        stillroom=stillroom.__version__,
        intended_use=INTENDED_USE,
        opset=OPSET,
        inputs=form.shapes,
        channels=form.channels,
        answer=form.head.kind,
        names=form.head.names,
        temperature=tuple(temperature),
        calibrator=calibrator,
        thresholds=tuple(thresholds),
        parents=parents,
        files={},
    )
    with atomic_dir(path) as folder:
        write_graph(network, form, temperature, folder / GRAPH, features)
        write_text(folder / "recipe.yaml", recipe_yaml)
        for file, text in companions.items():
            write_text(folder / file, text)
        write_licences(folder, name, model_sources, data_sources)
        seal(folder, manifest)
    return OnnxBundle.open(path)
