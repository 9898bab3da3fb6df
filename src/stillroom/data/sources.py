"""The registry of sources: adding one is one builder and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stillroom.data import hpo
from stillroom.data.sampling import SamplingSettings
from stillroom.types import Corpus

SOURCES: Mapping[str, Callable[[SamplingSettings], Corpus]] = {
    "hpo": hpo.build,
}
