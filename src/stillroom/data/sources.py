"""The registry of sources: adding one is one builder, its settings, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stillroom.data import file, hpo
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.types import Corpus


def _clinical(settings: ClinicalSettings) -> Corpus:
    """Prepare it; only this source needs PyArrow."""
    from stillroom.data.prepare.build import build

    return build(settings)


SOURCES: Mapping[str, Callable[[Any], Corpus]] = {
    "clinical": _clinical,
    "file": file.build,
    "hpo": hpo.build,
}
