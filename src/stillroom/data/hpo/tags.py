"""Specialty and difficulty of an item, from the ontology alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import median

from stillroom.data.hpo.names import branch_name
from stillroom.data.hpo.ontology import Ontology

LEVELS = ("basic", "intermediate", "advanced")
_STEP = {"synonym": -1, "definition": 0, "differential": 1}


def specialty_of(ontology: Ontology, finding_ids: Iterable[str]) -> str:
    """The organ-system branch of most of the findings; of equally common ones the first by name."""
    branches = Counter(branch_name(ontology.terms[ontology.branch[id]].name) for id in finding_ids)
    return min(branches, key=lambda name: (-branches[name], name))


def difficulty_of(kind: str, depths: Iterable[int]) -> str:
    """Grade an item by kind and depth.

    Depth counts edges below *Phenotypic abnormality*: up to 4 is basic, 5 to 6 intermediate, deeper advanced. A
    synonym is one level easier, a differential (median depth of its findings) one harder.

    >>> difficulty_of("definition", [3]), difficulty_of("definition", [9]), difficulty_of("differential", [3])
    ('basic', 'advanced', 'intermediate')
    """
    middle = median(depths)
    level = 0 if middle <= 4 else 1 if middle <= 6 else 2
    return LEVELS[min(max(level + _STEP[kind], 0), len(LEVELS) - 1)]
