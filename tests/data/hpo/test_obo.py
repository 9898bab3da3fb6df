from __future__ import annotations

import pytest

from stillroom.data.hpo.obo import read_ontology
from stillroom.data.hpo.ontology import Ontology, Synonym
from stillroom.types import DataError


def test_version_and_licence_are_read_from_the_file(ontology: Ontology) -> None:
    assert (ontology.version, ontology.licence_url) == ("made/2025", "https://example.org/license")


def test_a_term_is_read_with_its_escapes_undone(ontology: Ontology) -> None:
    term = ontology.terms["HP:0000568"]
    assert term.name == "Microphthalmia"
    assert term.definition == 'An eye that is "too small" (PMID:12345)'
    assert term.synonyms[0] == Synonym("Small eyes", "EXACT", "layperson")
    assert term.synonyms[3] == Synonym("Eyes, small", "EXACT", "")
    assert (term.parents, term.former_ids) == (("HP:0000478",), ("HP:0000480",))


def test_obsolete_terms_and_relations_are_left_out(ontology: Ontology) -> None:
    assert "HP:0009999" not in ontology.terms
    assert "part_of" not in ontology.terms


@pytest.mark.parametrize(
    "text",
    ["", "data-version: 1\n", "[Term]\nid: HP:0000118\nname: Phenotypic abnormality\n"],
    ids=["empty", "no terms", "no version"],
)
def test_what_is_no_ontology_is_refused(text: str) -> None:
    with pytest.raises(DataError, match="expected a data-version and the term HP:0000118"):
        read_ontology(text.splitlines())
