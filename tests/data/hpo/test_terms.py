from __future__ import annotations

import pytest

from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.terms import clean_definition, definitions, synonyms


def test_a_definition_is_asked_unless_it_says_no_more_than_the_name(ontology: Ontology) -> None:
    drafts, dropped = definitions(ontology)
    assert {draft.subject for draft in drafts} == {
        "Microphthalmia",
        "Optic atrophy",
        "Brain morphology",
        "Seizure",
        "Generalized-onset seizure",
    }
    assert dropped == {
        "definition: none given": 1,
        "definition: not a phenotypic abnormality": 3,
        "definition: only repeats the name": 1,
    }


def test_a_synonym_is_asked_only_if_it_names_one_term_in_other_words(ontology: Ontology) -> None:
    drafts, dropped = synonyms(ontology)
    assert {(draft.subject, draft.response) for draft in drafts} == {
        ("Optic nerve wasting", "Optic atrophy"),
        ("Fits", "Seizure"),
    }
    assert dropped == {
        "synonym: broader, narrower or only related": 1,
        "synonym: another form of the name (spelling, number, word order)": 1,
        "synonym: names several terms": 3,
        "synonym: not a phenotypic abnormality": 1,
    }


def test_identifiers_are_those_of_the_ontology(ontology: Ontology) -> None:
    assert definitions(ontology)[0][0].id == "hpo:definition:HP:0000568"
    assert {draft.id for draft in synonyms(ontology)[0]} == {
        "hpo:synonym:HP:0000648:nerve-optic-wasting",
        "hpo:synonym:HP:0001250:fit",
    }


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Absent nasal bone (PMID:16100637).", "Absent nasal bone."),
        ("A papilloma [NCI thesaurus].", "A papilloma."),
        ("A poroma [NCIT:C27273]", "A poroma."),
        ("Reduced uptake of [18F]-glucose (FDG).", "Reduced uptake of [18F]-glucose (FDG)."),
        ("", ""),
    ],
)
def test_citations_go_and_content_stays(text: str, clean: str) -> None:
    assert clean_definition(text) == clean
