"""A made ontology of two organ systems, small enough to check by eye."""

from __future__ import annotations

import pytest

from stillroom.data.hpo.annotations import Annotations, read_annotations
from stillroom.data.hpo.obo import read_ontology
from stillroom.data.hpo.ontology import Ontology

OBO = """\
format-version: 1.2
data-version: made/2025
property_value: terms:license https://example.org/license

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000478
name: Abnormality of the eye
def: "Any abnormality of the eye." []
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000707
name: Abnormality of the nervous system
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000568
name: Microphthalmia
alt_id: HP:0000480
def: "An eye that is \\"too small\\"\\n(PMID:12345)" [PMID:12345]
synonym: "Small eyes" EXACT layperson []
synonym: "Small eye" EXACT plural_form []
synonym: "Tiny eye" BROAD layperson []
synonym: "Eyes, small" EXACT []
is_a: HP:0000478 ! Abnormality of the eye

[Term]
id: HP:0000648
name: Optic atrophy
def: "Loss of fibers of the second cranial nerve." []
synonym: "Optic nerve wasting" EXACT []
is_a: HP:0000478 ! Abnormality of the eye
is_a: HP:0002011 ! Brain morphology

[Term]
id: HP:0002011
name: Brain morphology
def: "Shape of the brain." []
is_a: HP:0000707 ! Abnormality of the nervous system

[Term]
id: HP:0001250
name: Seizure
def: "A transient occurrence of signs due to abnormal neuronal activity." []
synonym: "Fits" EXACT layperson []
synonym: "Small eyes" EXACT []
is_a: HP:0002011 ! Brain morphology

[Term]
id: HP:0002197
name: Generalized-onset seizure
def: "A transient occurrence of signs due to abnormal neuronal activity." []
is_a: HP:0001250 ! Seizure

[Term]
id: HP:0009999
name: Old term
is_obsolete: true

[Term]
id: HP:0000005
name: Mode of inheritance
def: "How it is inherited." []
synonym: "Inheritance" EXACT []
is_a: HP:0000001 ! All

[Typedef]
id: part_of
name: part of
"""

HPOA = """\
#description: made
#version: 2025-01-01
database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tby
OMIM:100\tSMALL EYE SYNDROME; SES\t\tHP:0000480\tr\tTAS\t\t\t\t\tP\tb
OMIM:100\tSMALL EYE SYNDROME; SES\t\tHP:0001250\tr\tTAS\t\t1/50\t\t\tP\tb
OMIM:100\tSMALL EYE SYNDROME; SES\tNOT\tHP:0000648\tr\tTAS\t\t\t\t\tP\tb
OMIM:100\tSMALL EYE SYNDROME; SES\t\tHP:0000005\tr\tTAS\t\t\t\t\tI\tb
ORPHA:7\tSmall-eye syndrome\t\tHP:0002197\tr\tTAS\t\tHP:0040282\t\t\tP\tb
ORPHA:7\tSmall-eye syndrome\t\tHP:0002011\tr\tTAS\t\t0/9\t\t\tP\tb
ORPHA:8\tFits of infancy\t\tHP:0009999\tr\tTAS\t\t\t\t\tP\tb
ORPHA:8\tFits of infancy\t\tHP:0001250\tr\tTAS\t\tHP:0040285\t\t\tP\tb
"""


@pytest.fixture
def ontology() -> Ontology:
    return read_ontology(OBO.splitlines())


@pytest.fixture
def annotations(ontology: Ontology) -> Annotations:
    return read_annotations(HPOA.splitlines(), ontology.phenotype_ids)
