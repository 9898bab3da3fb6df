"""The ontology: terms, their graph, depth and organ-system branch."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

PHENOTYPE_ROOT = "HP:0000118"


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term; ``scope`` is EXACT, BROAD, NARROW or RELATED, ``type`` e.g. ``layperson``."""

    text: str
    scope: str
    type: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term that is not obsolete."""

    id: str
    name: str
    definition: str
    synonyms: tuple[Synonym, ...]
    parents: tuple[str, ...]
    former_ids: tuple[str, ...]


@dataclass(frozen=True)
class Ontology:
    """All terms with their version and licence, as the file states them."""

    version: str
    licence_url: str
    terms: Mapping[str, Term]

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Direct children of every term."""
        children: dict[str, list[str]] = {id: [] for id in self.terms}
        for term in self.terms.values():
            for parent in term.parents:
                children[parent].append(term.id)
        return {id: tuple(sorted(below)) for id, below in children.items()}

    @cached_property
    def phenotype_ids(self) -> Mapping[str, str]:
        """Every present or former identifier of a phenotype in some branch → the present one."""
        former = {old: id for id in self.branch for old in self.terms[id].former_ids}
        return former | {id: id for id in self.branch}

    @cached_property
    def depth(self) -> Mapping[str, int]:
        """Edges from ``Phenotypic abnormality`` by the shortest way; terms outside of it are absent."""
        return self._distances(PHENOTYPE_ROOT)

    @cached_property
    def branch(self) -> Mapping[str, str]:
        """Term → the nearest organ-system branch above it; of equally near ones the smallest identifier."""
        nearest: dict[str, tuple[int, str]] = {}
        for head in self.children[PHENOTYPE_ROOT]:
            for id, distance in self._distances(head).items():
                nearest[id] = min(nearest.get(id, (distance, head)), (distance, head))
        return {id: head for id, (_, head) in nearest.items()}

    @cached_property
    def ancestors(self) -> Mapping[str, frozenset[str]]:
        """All terms above each term, without itself."""
        above: dict[str, frozenset[str]] = {}

        def climb(id: str) -> frozenset[str]:
            if id not in above:
                parents = self.terms[id].parents
                above[id] = frozenset(parents).union(*map(climb, parents))
            return above[id]

        return {id: climb(id) for id in self.terms}

    def descendants(self, id: str) -> frozenset[str]:
        """All terms below a term, without itself."""
        return frozenset(self._distances(id)) - {id}

    def _distances(self, start: str) -> dict[str, int]:
        distance = {start: 0}
        queue = deque([start])
        while queue:
            for child in self.children[here := queue.popleft()]:
                if child not in distance:
                    distance[child] = distance[here] + 1
                    queue.append(child)
        return distance
