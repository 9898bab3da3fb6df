"""The Human Phenotype Ontology as a corpus: definitions, synonyms and differentials."""

from stillroom.data.hpo.assemble import build

__all__ = ["build"]
