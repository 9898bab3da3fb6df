"""Which drafts become items of a split, with their wording, options and tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from stillroom.data.hashing import digest
from stillroom.data.hpo.annotations import Annotations
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.rivals import DiseaseRivals, TermRivals
from stillroom.data.hpo.settings import HpoSettings
from stillroom.data.hpo.tags import difficulty_of, specialty_of
from stillroom.data.hpo.wording import listed, prompt_for
from stillroom.data.options import with_distractors
from stillroom.types import Example, Split

Rivals = Callable[[Draft], Iterable[Iterable[str]]]


@dataclass(frozen=True)
class Selection:
    """All drafts, and what decides about them.

    Wrong options of held-out items come from held-out concepts only: an option seen in training would be told
    apart by being familiar. A held-out split takes one item of a kind per group, so that its items are
    independent. Training items have options only where the prompt lists them (differentials); a held-out
    definition or synonym without fair wrong options is kept as an open question.
    """

    ontology: Ontology
    annotations: Annotations
    settings: HpoSettings
    drafts: Mapping[str, Sequence[Draft]]
    groups: Mapping[str, str]
    splits: Mapping[str, Split]

    def of(self, split: Split) -> tuple[tuple[Example, ...], Counter[str]]:
        """Select the items of a split, and count by reason the drafts that stay behind."""
        examples: list[Example] = []
        dropped: Counter[str] = Counter()
        for kind, limit in self.settings.counts(split).by_kind().items():
            mine = [draft for draft in self.drafts[kind] if self.splits[draft.concept] == split]
            candidates = mine if split == "train" else self._one_per_group(mine)
            taken, unfair = self._take(self._ordered(candidates), limit, self._rivals(kind, split))
            examples += taken
            dropped[f"{kind}: second item of a group in {split}"] += len(mine) - len(candidates)
            dropped[f"{kind}: no fair wrong options"] += unfair
            dropped[f"{kind}: beyond the {split} items asked for"] += len(candidates) - len(taken) - unfair
        examples.sort(key=lambda example: digest("order", self.settings.seed, example.id))
        return tuple(examples), dropped

    def _ordered(self, drafts: Iterable[Draft]) -> list[Draft]:
        return sorted(drafts, key=lambda draft: digest("take", self.settings.seed, draft.id))

    def _one_per_group(self, drafts: Iterable[Draft]) -> list[Draft]:
        first: dict[str, Draft] = {}
        for draft in self._ordered(drafts):
            first.setdefault(self.groups[draft.concept], draft)
        return list(first.values())

    def _take(self, drafts: Iterable[Draft], limit: int, rivals: Rivals | None) -> tuple[list[Example], int]:
        taken: list[Example] = []
        unfair = 0
        for draft in drafts:
            if len(taken) == limit:
                break
            options = self._options(draft, rivals)
            if options or not listed(draft):
                taken.append(self._example(draft, options))
            else:
                unfair += 1
        return taken, unfair

    def _options(self, draft: Draft, rivals: Rivals | None) -> tuple[str, ...]:
        if rivals is None:
            return ()
        return with_distractors(draft.response, rivals(draft), draft.subject, self.settings.seed, draft.id)

    def _example(self, draft: Draft, options: tuple[str, ...]) -> Example:
        return Example(
            id=draft.id,
            prompt=prompt_for(draft, options, self.settings.seed),
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
