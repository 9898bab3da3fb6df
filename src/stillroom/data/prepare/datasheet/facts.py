"""The datasheet as data: everything that the page says, and nothing that depends on the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import stillroom
from stillroom.data.prepare.datasheet.composition import BIN_TOKENS, TAGS, Composition
from stillroom.data.prepare.preparation import Prepared
from stillroom.data.prepare.reading import SourceFiles
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.steps import Step
from stillroom.types import SPLITS

FORMAT = 1
TERMS: Mapping[str, str] = {
    "attribution": "name the source",
    "share_alike": "what is made of it may only be passed on under the same licence: the corpus, and by a careful "
    "reading its students",
    "non_commercial": "no commercial use, of the students neither",
    "no_redistribution": "rows may not be passed on to anyone without access of their own",
    "model_licence": "written by a model whose terms may forbid to train others on it",
}
"""What the obligations of sources mean for whoever passes corpus or student on. No legal advice."""


def facts(
    settings: ClinicalSettings, prepared: Prepared, made: Composition, fingerprint: str, tokens: str
) -> dict[str, Any]:
    """Gather the facts of a corpus.

    Args:
        settings: what was asked for.
        prepared: what was done.
        made: what came out.
        fingerprint: of the corpus.
        tokens: how tokens were counted.
    """
    return {
        "format": FORMAT,
        "name": settings.name,
        "fingerprint": fingerprint,
        "stillroom": stillroom.__version__,
        "items": {split: sum(counts[split] for counts in made.sources.values()) for split in SPLITS},
        "sources": [_source(number, prepared, made) for number in range(len(prepared.sources))],
        "terms": _terms(prepared.sources),
        "stages": [_step(step) for step in prepared.steps],
        "left_out_by_source": _by_source(prepared),
        "tokens": _tokens(made, tokens),
        **{tag: made.table(tag) for tag in TAGS},
        "long_tail": {tag: made.long_tail(tag) for tag in TAGS},
        "specialty_weights": made.specialty_weights(),
        "curriculum": made.curriculum(),
        "settings": settings.model_dump(mode="json", exclude={"folder", "sources"}),
    }


def _source(number: int, prepared: Prepared, made: Composition) -> dict[str, Any]:
    source = prepared.sources[number]
    account, about = prepared.steps[0].accounts[number], source.adapter.about
    counts = made.sources.get(source.name, Counter())
    return {
        "name": source.name,
        "adapter": source.adapter.name,
        "title": about.name,
        "version": about.version,
        "licence": about.licence,
        "url": about.url,
        "citation": about.citation,
        "access": source.adapter.access,
        "terms": list(about.terms),
        "use": source.use,
        "traps": list(source.adapter.traps),
        "published_rows": sum(source.adapter.expected.values()) or None,
        "rows": account.rows_in,
        "quarantined": sum(account.dropped.values()),
        **{split: counts[split] for split in SPLITS},
    }


def _terms(sources: tuple[SourceFiles, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for source in sources:
        for term in source.adapter.about.terms:
            found.setdefault(term, []).append(source.name)
    return {term: found[term] for term in TERMS if term in found}


def _step(step: Step) -> dict[str, Any]:
    return {"stage": step.name, **step.account.counts()}


def _by_source(prepared: Prepared) -> list[dict[str, Any]]:
    """How many rows of each source each step left out."""
    return [
        {
            "source": source.name,
            **{
                step.name: sum(step.accounts[number].dropped.values())
                for step in prepared.steps
                if number in step.accounts
            },
        }
        for number, source in enumerate(prepared.sources)
    ]


def _tokens(made: Composition, counted: str) -> dict[str, Any]:
    return {
        "counted": counted,
        "bin_tokens": BIN_TOKENS,
        "rows": {str(place * BIN_TOKENS): count for place, count in sorted(made.tokens.items())},
        "median_at_most": made.quantile(0.5),
        "p95_at_most": made.quantile(0.95),
        "longest": made.longest,
    }
