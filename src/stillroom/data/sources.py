"""The registry of sources: adding one is one builder, its settings, and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from stillroom.data import file, hpo
from stillroom.types import Corpus

SOURCES: Mapping[str, Callable[[Any], Corpus]] = {
    "file": file.build,
    "hpo": hpo.build,
}
