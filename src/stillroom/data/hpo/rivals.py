"""Where wrong options come from: terms beside the right one, diseases that fit the findings less well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain

from stillroom.data.hpo.annotations import Disease
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.tags import specialty_of

_MISFITS = 2


class TermRivals:
    """Texts of other terms, nearest first: siblings, cousins, the same organ system.

    Terms above, below or in the group of the right one are no rivals: they could be right as well.

    Args:
        ontology: the graph.
        texts: the text of each term that may serve as a wrong option.
        groups: the group of each concept.
    """

    def __init__(self, ontology: Ontology, texts: Mapping[str, str], groups: Mapping[str, str]) -> None:
        self._ontology, self._texts, self._groups = ontology, texts, groups
        self._by_branch: dict[str, list[str]] = {}
        for id in texts:
            self._by_branch.setdefault(ontology.branch[id], []).append(id)

    def __call__(self, draft: Draft) -> Iterator[list[str]]:
        """Yield tiers of candidate texts."""
        ontology, term = self._ontology, draft.concept
        kin = {term} | ontology.ancestors[term] | ontology.descendants(term)
        parents = ontology.terms[term].parents
        grandparents = {up for parent in parents for up in ontology.terms[parent].parents}
        aunts = [aunt for up in sorted(grandparents) for aunt in ontology.children[up]]
        system = self._by_branch.get(ontology.branch[term], [])
        for tier in (self._below(parents), self._below(aunts), system):
            rivals = (id for id in tier if id in self._texts and id not in kin)
            yield [self._texts[id] for id in rivals if self._groups[id] != self._groups[term]]

    def _below(self, parents: Iterable[str]) -> list[str]:
        return [child for parent in parents for child in self._ontology.children[parent]]


class DiseaseRivals:
    """Names of diseases that show some of the findings, and at least two findings fewer than the right one.

    A disease shows a finding when it is annotated with it or with a more specific one.

    Args:
        ontology: the graph.
        diseases: those that may serve as a wrong option.
        groups: the group of each concept.
    """

    def __init__(self, ontology: Ontology, diseases: Iterable[Disease], groups: Mapping[str, str]) -> None:
        self._ontology, self._groups = ontology, groups
        self._diseases = {disease.id: disease for disease in diseases}
        self._annotated: dict[str, set[str]] = {}
        for disease in self._diseases.values():
            for finding in disease.findings:
                self._annotated.setdefault(finding, set()).add(disease.id)
        self._showing = cache(self._find_showing)
        self._specialty = cache(lambda id: specialty_of(ontology, self._diseases[id].findings))

    def __call__(self, draft: Draft) -> Iterator[list[str]]:
        """Yield tiers: same organ system and two findings shared; two shared; same system; any shared."""
        specialty = specialty_of(self._ontology, draft.findings)
        shared = self._shared(draft)
        for least in (2, 1):
            close = [id for id, count in shared.items() if count >= least]
            yield [self._diseases[id].name for id in close if self._specialty(id) == specialty]
            yield [self._diseases[id].name for id in close]

    def _shared(self, draft: Draft) -> dict[str, int]:
        counts = Counter(chain.from_iterable(map(self._showing, draft.findings)))
        most = len(draft.findings) - _MISFITS
        own = self._groups[draft.concept]
        return {id: count for id, count in counts.items() if count <= most and self._groups[id] != own}

    def _find_showing(self, finding: str) -> frozenset[str]:
        terms = {finding} | self._ontology.descendants(finding)
        return frozenset[str]().union(*(self._annotated.get(term, ()) for term in terms))
