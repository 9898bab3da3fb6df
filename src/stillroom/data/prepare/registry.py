"""The stages of a preparation, in their order: adding one is its settings, its class and one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.stage import AnyStage

STAGES: Mapping[str, str] = {
    "clean": "clean.Clean",
    "deidentify": "deidentify.Deidentify",
    "abbreviations": "abbreviations.Abbreviations",
    "segment": "segment.Segment",
    "truncate": "truncate.Truncate",
    "deduplicate": "deduplicate.Deduplicate",
    "isolate": "isolate.Isolate",
    "tag": "tag.Tag",
    "split": "split.Split",
    "mix": "mix.Mix",
}
"""Where the class of each block of :class:`ClinicalSettings` is, below ``stages``; it is made of the block alone."""


def stages_of(settings: ClinicalSettings) -> Iterator[AnyStage]:
    """Make the stages that a recipe wants, in order.

    Raises:
        MissingExtraError: a stage needs a package that is not installed.
    """
    for name, where in STAGES.items():
        block = getattr(settings, name)
        if block is not None:
            module, _, made = where.partition(".")
            stage: AnyStage = getattr(import_module(f"stillroom.data.prepare.stages.{module}"), made)(block)
            yield stage
