"""Drafts about terms: definitions and synonyms, and why some are left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.ontology import Ontology, Synonym, Term
from stillroom.data.text import content_words, squeeze, text_key

_REFERENCE = re.compile(
    r"\s*[(\[][^()\[\]]*(?:PMID|https?:|doi:|NCI thesaurus|NCIT:|\bet al\b)[^()\[\]]*[)\]]", re.I
)
_LINK = re.compile(r"\s*(?:https?://\S+|PMID:\s?\d+)")
_FORM_ONLY = frozenset({"uk_spelling", "plural_form", "obsolete_synonym"})
_EXACT = "EXACT"

Kept = tuple[list[Draft], Counter[str]]


def definitions(ontology: Ontology) -> Kept:
    """Draft one question per term whose definition says more than its name."""
    drafts: list[Draft] = []
    dropped: Counter[str] = Counter()
    for term in ontology.terms.values():
        text = clean_definition(term.definition)
        if reason := _no_definition(ontology, term, text):
            dropped[f"definition: {reason}"] += 1
        else:
            id = f"hpo:definition:{term.id}"
            drafts.append(Draft(id, "definition", term.id, term.name, text, (term.id,)))
    return drafts, dropped


def synonyms(ontology: Ontology) -> Kept:
    """Draft one question per synonym that names one term only and is more than another form of its name."""
    drafts: list[Draft] = []
    dropped: Counter[str] = Counter()
    named = _terms_named(ontology)
    for term in ontology.terms.values():
        asked: set[str] = set()
        for synonym in term.synonyms:
            key = text_key(synonym.text)
            if reason := _no_synonym(ontology, term, synonym, asked, named[key]):
                dropped[f"synonym: {reason}"] += 1
                continue
            asked.add(key)
            id = f"hpo:synonym:{term.id}:{key.replace(' ', '-')}"
            drafts.append(Draft(id, "synonym", term.id, synonym.text, term.name, (term.id,)))
    return drafts, dropped


def clean_definition(text: str) -> str:
    """Take citations and links out of a definition; end it with a full stop.

    >>> clean_definition("Absent nasal bone (PMID:16100637)")
    'Absent nasal bone.'
    """
    plain = squeeze(_LINK.sub("", _REFERENCE.sub("", text)))
    return plain if not plain or plain.endswith((".", "?", "!", ")")) else f"{plain}."


def _no_definition(ontology: Ontology, term: Term, text: str) -> str | None:
    if term.id not in ontology.branch:
        return "not a phenotypic abnormality"
    if not text:
        return "none given"
    if content_words(text) <= content_words(term.name) | {"abnormality", "abnormal", "any", "anomaly"}:
        return "only repeats the name"
    return None


def _no_synonym(
    ontology: Ontology, term: Term, synonym: Synonym, asked: set[str], named: set[str]
) -> str | None:
    key = text_key(synonym.text)
    if term.id not in ontology.branch:
        return "not a phenotypic abnormality"
    if synonym.scope != _EXACT:
        return "broader, narrower or only related"
    if synonym.type in _FORM_ONLY or key == text_key(term.name):
        return "another form of the name (spelling, number, word order)"
    if key in asked:
        return "another form of a synonym already asked"
    return "names several terms" if len(named) > 1 else None


def _terms_named(ontology: Ontology) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for term in ontology.terms.values():
        for text in names_of(term):
            named.setdefault(text_key(text), set()).add(term.id)
    return named


def names_of(term: Term) -> Iterator[str]:
    """The name of a term and all its synonyms."""
    yield term.name
    for synonym in term.synonyms:
        yield synonym.text
