from __future__ import annotations

from stillroom.data.hpo.ontology import Ontology


def test_depth_is_the_shortest_way_from_the_root_of_phenotypes(ontology: Ontology) -> None:
    assert ontology.depth["HP:0000478"] == 1
    assert ontology.depth["HP:0000648"] == 2
    assert "HP:0000005" not in ontology.depth


def test_a_term_belongs_to_its_nearest_branch(ontology: Ontology) -> None:
    assert ontology.branch["HP:0000648"] == "HP:0000478"
    assert ontology.branch["HP:0002197"] == "HP:0000707"
    assert not {"HP:0000118", "HP:0000005"} & set(ontology.branch)


def test_ancestors_and_descendants_leave_the_term_itself_out(ontology: Ontology) -> None:
    assert ontology.ancestors["HP:0001250"] == {"HP:0002011", "HP:0000707", "HP:0000118", "HP:0000001"}
    assert ontology.descendants("HP:0002011") == {"HP:0000648", "HP:0001250", "HP:0002197"}


def test_former_identifiers_lead_to_present_phenotypes(ontology: Ontology) -> None:
    assert ontology.phenotype_ids["HP:0000480"] == "HP:0000568"
    assert "HP:0000005" not in ontology.phenotype_ids
