"""Which drafts become items of a split, with their wording, options and tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from stillroom.data.hashing import digest
from stillroom.data.hpo.annotations import Annotations
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.rivals import DiseaseRivals, TermRivals
from stillroom.data.hpo.tags import difficulty_of, specialty_of
from stillroom.data.hpo.wording import prompt_for
from stillroom.data.options import with_distractors
from stillroom.data.sampling import SamplingSettings
from stillroom.types import Example, Split

Rivals = Callable[[Draft], Iterable[Iterable[str]]]


@dataclass(frozen=True)
class Selection:
    """All drafts, and what decides about them.

    Wrong options of held-out items come from held-out concepts only: an option seen in training would be told
    apart by being familiar. A held-out split takes one item of a kind per group, so that its items are
    independent. Training items have options only where the prompt lists them (differentials).
    """

    ontology: Ontology
    annotations: Annotations
    settings: SamplingSettings
    drafts: Mapping[str, Sequence[Draft]]
    groups: Mapping[str, str]
    splits: Mapping[str, Split]

    def of(self, split: Split, dropped: Counter[str]) -> tuple[Example, ...]:
        """Select the items of a split, and count in ``dropped`` what stays behind."""
        limits = self.settings.counts(split)
        chosen: list[Example] = []
        for kind, limit in limits.by_kind().items():
            mine = self._candidates(kind, split)
            taken = list(self._take(mine, limit, self._rivals(kind, split), dropped))
            chosen += taken
            dropped[f"{kind}: not among the {split} items asked for"] += len(mine) - len(taken)
        return tuple(sorted(chosen, key=lambda example: digest("order", self.settings.seed, example.id)))

    def _candidates(self, kind: str, split: Split) -> list[Draft]:
        mine = (draft for draft in self.drafts[kind] if self.splits[draft.concept] == split)
        ordered = sorted(mine, key=lambda draft: digest("take", self.settings.seed, draft.id))
        if split == "train":
            return ordered
        return list({self.groups[draft.concept]: draft for draft in reversed(ordered)}.values())[::-1]

    def _take(
        self, drafts: Iterable[Draft], limit: int, rivals: Rivals | None, dropped: Counter[str]
    ) -> Iterator[Example]:
        left = limit
        for draft in drafts:
            if not left:
                return
            if example := self._example(draft, rivals):
                left -= 1
                yield example
            else:
                dropped[f"{draft.kind}: too few wrong options of like length"] += 1

    def _example(self, draft: Draft, rivals: Rivals | None) -> Example | None:
        seed = self.settings.seed
        options: tuple[str, ...] = ()
        if rivals:
            options = with_distractors(draft.response, rivals(draft), draft.subject, seed, draft.id)
            if not options:
                return None
        return Example(
            id=draft.id,
            prompt=prompt_for(draft, options, seed),
            response=draft.response,
            kind=draft.kind,
            specialty=specialty_of(self.ontology, draft.findings),
            difficulty=difficulty_of(draft.kind, (self.ontology.depth[id] for id in draft.findings)),
            group=self.groups[draft.concept],
            options=options,
        )

    def _rivals(self, kind: str, split: Split) -> Rivals | None:
        training = split == "train"
        drafts = [draft for draft in self.drafts[kind] if (self.splits[draft.concept] == "train") is training]
        if kind == "differential":
            diseases = (self.annotations.diseases[draft.concept] for draft in drafts)
            return DiseaseRivals(self.ontology, diseases, self.groups)
        texts = {draft.concept: draft.response for draft in drafts}
        return None if training else TermRivals(self.ontology, texts, self.groups)
