"""What a recipe says of a corpus that is prepared from many sources: the sources, and a block for each stage."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.data.prepare.settings.abbreviations import AbbreviationSettings
from stillroom.data.prepare.settings.clean import CleanSettings
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings
from stillroom.data.prepare.settings.deidentify import DeidentifySettings
from stillroom.data.prepare.settings.isolate import IsolateSettings
from stillroom.data.prepare.settings.mix import MixSettings
from stillroom.data.prepare.settings.segment import SegmentSettings
from stillroom.data.prepare.settings.source import QuarantineSettings, SourceSettings
from stillroom.data.prepare.settings.split import SplitSettings
from stillroom.data.prepare.settings.tag import TagSettings
from stillroom.data.prepare.settings.truncate import TruncateSettings
from stillroom.types import Settings, Split

_TRAIN_ITEMS = 100_000


class ClinicalSettings(Settings):
    """Many sources, taken through the stages of a preparation in the order of these blocks; null leaves a stage out."""

    source: Literal["clinical"] = Field(description="which source is learned from")
    name: str = Field(min_length=1, description="name of the corpus")
    folder: str | None = Field(
        default=None,
        description="folder that holds the sources' own folders; null: every source says its path",
    )
    sources: dict[str, SourceSettings | None] = Field(
        min_length=1, description="the sources, by a name of your own; null leaves one out"
    )
    quarantine: QuarantineSettings = Field(
        default=QuarantineSettings(), description="how many rows may be unreadable before the run ends"
    )
    longest_row_characters: int = Field(
        default=1_000_000, ge=1, description="longer rows go into quarantine, characters"
    )
    clean: CleanSettings | None = Field(
        default=CleanSettings(), description="one form for every text; null: texts stay as they came"
    )
    deidentify: DeidentifySettings | None = Field(
        default=DeidentifySettings(), description="what points at a person, in notes; null: it stays"
    )
    abbreviations: AbbreviationSettings | None = Field(
        default=AbbreviationSettings(), description="written out where their meaning is sure; null: they stay"
    )
    segment: SegmentSettings | None = Field(
        default=SegmentSettings(), description="notes, cut into their sections; null: they stay whole"
    )
    truncate: TruncateSettings | None = Field(
        default=TruncateSettings(), description="how long a row may be; null: as long as it is"
    )
    deduplicate: DeduplicateSettings | None = Field(
        default=DeduplicateSettings(), description="copies across all sources; null: they stay"
    )
    isolate: IsolateSettings | None = Field(
        default=IsolateSettings(),
        description="nothing that gives a test item away is learned from; null: it is",
    )
    tag: TagSettings | None = Field(
        default=TagSettings(),
        description="specialty and difficulty where a source says none; null: they stay unknown",
    )
    split: SplitSettings | None = Field(
        default=SplitSettings(),
        description="training, validation and test; null: as the sources say, the rest trains",
    )
    mix: MixSettings | None = Field(
        default=MixSettings(), description="how much of each source; null: everything"
    )

    def items(self, split: Split) -> int:
        """Rows to reckon with before it is prepared: what is asked for, or 100,000 to learn from, a tenth held out."""
        mix = self.mix or MixSettings()
        if split == "train":
            return mix.train_items or _TRAIN_ITEMS
        of_a_source = {"validation": mix.validation_items, "test": mix.test_items}[split]
        return _TRAIN_ITEMS // 10 if of_a_source is None else of_a_source * len(self.sources)
