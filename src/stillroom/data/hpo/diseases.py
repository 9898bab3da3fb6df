"""Drafts about diseases: which findings to show, and why some diseases are left out."""

from __future__ import annotations

from collections import Counter

from stillroom.data.hashing import choose, shuffled
from stillroom.data.hpo.annotations import Annotations, Disease
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.names import in_sentence
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.text import content_words

_FEWEST, _MOST = 4, 6
_LONGEST_NAME_CHARACTERS = 60
_LONGEST_FINDING_CHARACTERS = 45
_SHALLOWEST = 2
_OUTDATED = "retardation"


def differentials(
    ontology: Ontology, annotations: Annotations, seed: int
) -> tuple[list[Draft], Counter[str]]:
    """Draft one question per disease with enough findings that do not name it."""
    drafts: list[Draft] = []
    dropped: Counter[str] = Counter()
    for disease in annotations.diseases.values():
        shown = _shown(ontology, disease, seed)
        if reason := _unfit_name(disease.name) or _too_few(shown):
            dropped[f"differential: {reason}"] += 1
            continue
        subject = "; ".join(in_sentence(ontology.terms[id].name) for id in shown)
        id = f"hpo:differential:{disease.id}"
        drafts.append(Draft(id, "differential", disease.id, subject, disease.name, shown))
    return drafts, dropped


def _unfit_name(name: str) -> str | None:
    if _OUTDATED in name.lower():
        return "outdated wording in the name"
    if len(name) > _LONGEST_NAME_CHARACTERS:
        return f"name over {_LONGEST_NAME_CHARACTERS} characters"
    return None


def _too_few(shown: tuple[str, ...]) -> str | None:
    return f"fewer than {_FEWEST} findings that do not name it" if len(shown) < _FEWEST else None


def _shown(ontology: Ontology, disease: Disease, seed: int) -> tuple[str, ...]:
    told = content_words(disease.name)
    usable = [
        id
        for id in sorted(_most_specific(ontology, disease.frequent))
        if ontology.depth.get(id, 0) >= _SHALLOWEST
        and len(ontology.terms[id].name) <= _LONGEST_FINDING_CHARACTERS
        and not told & content_words(ontology.terms[id].name)
    ]
    count = choose(range(_FEWEST, _MOST + 1), "findings", seed, disease.id)
    return tuple(shuffled(usable, "shown", seed, disease.id)[:count])


def _most_specific(ontology: Ontology, findings: frozenset[str]) -> frozenset[str]:
    """Leave out a finding that another one implies."""
    implied = frozenset[str]().union(*(ontology.ancestors[id] for id in findings))
    return findings - implied
