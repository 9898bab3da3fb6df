"""The ``corpus`` block of a recipe: one of the sources."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from stillroom.data.file.settings import FileSettings
from stillroom.data.hpo.settings import HpoSettings
from stillroom.data.prepare.settings.corpus import ClinicalSettings

CorpusSettings = Annotated[HpoSettings | FileSettings | ClinicalSettings, Field(discriminator="source")]
