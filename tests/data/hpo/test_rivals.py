from __future__ import annotations

from stillroom.data.hpo.annotations import Disease
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.ontology import Ontology, Term
from stillroom.data.hpo.rivals import DiseaseRivals, TermRivals

PARENTS = {
    "HP:0000118": (),
    "eye": ("HP:0000118",),
    "ear": ("HP:0000118",),
    "lens": ("eye",),
    "retina": ("eye",),
    "cataract": ("lens",),
    "aphakia": ("lens",),
    "nuclear cataract": ("cataract",),
    "retinal tear": ("retina",),
    "eye pain": ("eye",),
    "deafness": ("ear",),
}
ALONE = {id: id for id in (*PARENTS, "one", "two", "three", "four", "five", "right")}


def ontology() -> Ontology:
    return Ontology("1", "", {id: Term(id, id, "", (), up, ()) for id, up in PARENTS.items()})


def asked(concept: str, *findings: str) -> Draft:
    return Draft("id", "kind", concept, "", "", findings or (concept,))


def disease(id: str, *findings: str) -> Disease:
    return Disease(id, f"{id} disease", frozenset(findings), frozenset(findings))


def test_terms_come_from_siblings_then_cousins_then_the_same_system() -> None:
    rivals = TermRivals(ontology(), {id: id for id in PARENTS if id in ontology().branch}, ALONE)
    siblings, cousins, system = ([*tier] for tier in rivals(asked("cataract")))
    assert siblings == ["aphakia"]
    assert set(cousins) == {"aphakia", "retinal tear"}
    assert {"eye pain", "retina", "retinal tear", "aphakia"} == set(system)


def test_terms_above_below_or_in_the_group_of_the_right_one_are_no_rivals() -> None:
    groups = ALONE | {"aphakia": "cataract"}
    rivals = TermRivals(ontology(), {id: id for id in ontology().branch}, groups)
    offered = {text for tier in rivals(asked("cataract")) for text in tier}
    assert not offered & {"cataract", "lens", "eye", "nuclear cataract", "aphakia", "deafness"}


def test_only_terms_with_a_text_are_offered() -> None:
    rivals = TermRivals(ontology(), {"eye pain": "pain"}, ALONE)
    assert [text for tier in rivals(asked("cataract")) for text in tier] == ["pain"]


def test_a_rival_disease_shows_some_findings_and_at_least_two_fewer() -> None:
    findings = ("cataract", "aphakia", "retinal tear", "deafness")
    candidates = [
        disease("one", "cataract", "aphakia", "retinal tear"),
        disease("two", "nuclear cataract", "aphakia"),
        disease("three", "deafness"),
        disease("four", "eye pain"),
        disease("five", *findings),
        disease("right", *findings),
    ]
    rivals = DiseaseRivals(ontology(), candidates, ALONE)
    offered = {name for tier in rivals(asked("right", *findings)) for name in tier}
    assert offered == {"two disease", "three disease"}


def test_closer_diseases_come_first() -> None:
    findings = ("cataract", "aphakia", "retinal tear", "deafness")
    candidates = [disease("one", "deafness"), disease("two", "cataract", "aphakia")]
    first, *_, last = DiseaseRivals(ontology(), candidates, ALONE)(asked("right", *findings))
    assert first == ["two disease"]
    assert set(last) == {"one disease", "two disease"}


def test_a_disease_of_the_same_group_is_no_rival() -> None:
    rivals = DiseaseRivals(ontology(), [disease("two", "cataract")], ALONE | {"two": "right"})
    assert not any(rivals(asked("right", "cataract", "aphakia", "retinal tear")))
