from __future__ import annotations

from stillroom.data.hpo.annotations import Annotations, Disease
from stillroom.data.hpo.diseases import differentials
from stillroom.data.hpo.ontology import Ontology, Term

ROOT = "HP:0000118"
NAMES = ("Ataxia", "Dystonia", "Tremor", "Chorea", "Optic atrophy", "Deafness", "Nystagmus")


def ontology() -> Ontology:
    """Seven findings below one system, and ``Severe ataxia`` below ``Ataxia``."""
    terms = [
        Term(ROOT, "Phenotypic abnormality", "", (), (), ()),
        Term("HP:1", "System", "", (), (ROOT,), ()),
    ]
    terms += [Term(name, name, "", (), ("HP:1",), ()) for name in NAMES]
    terms.append(Term("Severe ataxia", "Severe ataxia", "", (), ("Ataxia",), ()))
    return Ontology("1", "", {term.id: term for term in terms})


def annotated(name: str, *findings: str) -> Annotations:
    disease = Disease("OMIM:1", name, frozenset(findings), frozenset(findings))
    return Annotations("1", {disease.id: disease}, {})


def test_four_to_six_findings_are_shown() -> None:
    graph = ontology()
    shown = {len(differentials(graph, annotated("Made", *NAMES), seed)[0][0].findings) for seed in range(30)}
    assert shown == {4, 5, 6}


def test_the_same_seed_shows_the_same_findings() -> None:
    graph, diseases = ontology(), annotated("Made", *NAMES)
    assert differentials(graph, diseases, 3) == differentials(graph, diseases, 3)
    assert differentials(graph, diseases, 3) != differentials(graph, diseases, 4)


def test_a_finding_that_another_implies_is_not_shown() -> None:
    drafts, _ = differentials(ontology(), annotated("Made", *NAMES[:4], "Severe ataxia"), 0)
    assert set(drafts[0].findings) == {"Severe ataxia", *NAMES[1:4]}
    assert "severe ataxia" in drafts[0].subject


def test_a_finding_that_names_the_disease_is_not_shown() -> None:
    _, dropped = differentials(ontology(), annotated("Tremor with chorea", *NAMES[:5]), 0)
    assert dropped == {"differential: fewer than 4 findings that do not name it": 1}


def test_diseases_with_unfit_names_are_left_out_with_the_reason() -> None:
    for name, reason in (
        ("Mental retardation 3", "outdated wording in the name"),
        ("x" * 61, "name over 60 characters"),
    ):
        drafts, dropped = differentials(ontology(), annotated(name, *NAMES), 0)
        assert (drafts, dict(dropped)) == ([], {f"differential: {reason}": 1})


def test_general_findings_are_not_shown() -> None:
    drafts, _ = differentials(ontology(), annotated("Made", *NAMES[:4], "HP:1"), 0)
    assert set(drafts[0].findings) == set(NAMES[:4])
