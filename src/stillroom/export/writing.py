"""Writing a bundle: every file under a temporary name, the whole folder renamed at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import stillroom
from stillroom.export.bundle import FLOAT_FOLDER, GGUF, Bundle
from stillroom.export.exportable import require_exportable
from stillroom.export.gguf_writer import write_gguf
from stillroom.export.manifest import INTENDED_USE, Manifest, Runtime
from stillroom.export.moments import input_moments
from stillroom.export.notice import write_licences
from stillroom.export.openvino_folder import convert
from stillroom.export.openvino_graph import openvino
from stillroom.export.sealing import seal
from stillroom.export.settings import ExportSettings
from stillroom.types import Encoded, Progress, Source, silent
from stillroom.types.files import atomic_dir, write_text

if TYPE_CHECKING:
    from stillroom.models import LanguageModel


def write(
    student: LanguageModel,
    path: Path,
    settings: ExportSettings,
    *,
    name: str,
    recipe_yaml: str,
    parents: Mapping[str, str],
    data_sources: Sequence[Source],
    calibration: Sequence[Encoded] = (),
    progress: Progress = silent,
) -> Bundle:
    """Write a student as a bundle, whole or not at all; an existing bundle of that name is replaced.

    Args:
        student: the model.
        path: folder of the bundle.
        settings: which files, and how the runtime computes.
        name: the model's name, inside the files and the notice.
        recipe_yaml: the recipe that made it, verbatim.
        parents: SHA-256 fingerprints of what it was made from, such as ``corpus``, ``teacher``, ``signals`` and
            ``recipe``.
        data_sources: what it was trained on, for the notice.
        calibration: training examples; their inputs to each matrix guide the rounding of its weights.
        progress: told after each file.

    Raises:
        ExportError: the student cannot be exported.
        MissingExtraError: ``gguf`` or OpenVINO is absent.
        StorageError: the disk is full or not writable.
    """
    runtime = Runtime(engine="openvino", version=openvino().get_version(), precision=settings.precision)
    require_exportable(student.network, student.tokenizer)
    moments = input_moments(student.network, calibration)
    with atomic_dir(path) as folder:
        (folder / FLOAT_FOLDER).mkdir()
        student.save(folder / FLOAT_FOLDER)
        for done, quantisation in enumerate(settings.quantisations):
            progress("export", done, len(settings.quantisations))
            gguf = folder / quantisation / GGUF
            write_gguf(
                student.network,
                student.tokenizer,
                gguf,
                quantisation,
                name=name,
                sources=student.sources,
                moments=moments,
            )
            convert(gguf, student.network.config, student.tokenizer)
        progress("export", len(settings.quantisations), len(settings.quantisations))
        write_text(folder / "recipe.yaml", recipe_yaml)
        write_licences(folder, name, student.sources, data_sources)
        seal(folder, _manifest(student, settings, name, runtime, parents))
    return Bundle.open(path)


def _manifest(
    student: LanguageModel,
    settings: ExportSettings,
    name: str,
    runtime: Runtime,
    parents: Mapping[str, str],
) -> Manifest:
    return Manifest(
        name=name,
        stillroom=stillroom.__version__,
        intended_use=INTENDED_USE,
        runtime=runtime,
        end_of_turn=student.tokenizer.eos_token_id,
        default=settings.default,
        quantisations=settings.quantisations,
        parents=parents,
        files={},
    )
