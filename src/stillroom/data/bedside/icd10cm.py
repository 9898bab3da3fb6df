"""Chapters and blocks of ICD-10-CM, from the words of a diagnosis: several labels for each text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from xml.etree.ElementTree import Element

from pydantic import Field

from stillroom.data.bedside.labelled import Said, multi_label
from stillroom.data.bedside.splitting import split_of
from stillroom.data.bedside.texts import TextSettings
from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.xml_items import xml_items
from stillroom.data.prepare.sources.icd10cm import ADAPTER, locate
from stillroom.types import SPLITS, DataError, Split
from stillroom.types.cases import Cohort

PACKAGE = "simple-icd-10-cm"
_CATEGORY = 3
_FEWEST = 5
"""Texts that a label needs in every split."""


class IcdCodingSettings(TextSettings):
    """Titles and inclusion terms of ICD-10-CM, and the chapters and blocks that their codes belong to."""

    task: Literal["icd_coding"]
    folder: Path = Field(
        default=Path(PACKAGE),
        description=f"folder that holds icd10c*tabular*.xml; by default that of the installed package {PACKAGE}",
    )
    most_tokens: int = Field(default=48, ge=8, le=512, description="word pieces of a text that are read")
    longest_code: int = Field(
        default=4,
        ge=3,
        le=7,
        description="characters, the dot left out, of the codes whose titles are read; terms of all codes are",
    )
    least_texts: int = Field(
        default=60, ge=1, description="training texts that a block needs to be a label; chapters always are"
    )
    validation_share: float = Field(default=0.15, gt=0, lt=0.5, description="share of the categories")
    test_share: float = Field(default=0.25, gt=0, lt=0.5, description="share of the categories")

    @property
    def place(self) -> Path:
        """Where the files lie; of the package, without importing it.

        Raises:
            MissingExtraError: the package is not installed.
        """
        return locate() if self.folder == Path(PACKAGE) else self.folder.expanduser()


@dataclass(frozen=True, slots=True)
class _Named:
    """A text, its code, and the chapter and the block of it."""

    code: str
    text: str
    labels: tuple[str, str]


def build(settings: IcdCodingSettings) -> Cohort:
    """Read titles and terms; a text of several codes has the labels of all of them.

    Codes of one category of three characters are near copies of each other: categories are split by a hash, so that no
    tested category is learned from.

    Raises:
        DataError: there is no tabular list, or none that can be read, or no tokenizer.
        MissingExtraError: the package is not installed.
    """
    named = list(_named(settings))
    said = [
        Said(f"icd10cm/{at}", of.code[:_CATEGORY], _split(of, settings), of.text, of.labels)
        for at, of in enumerate(named)
    ]
    return multi_label(
        "icd10cm",
        said,
        _labels(said, settings.least_texts),
        settings,
        source=ADAPTER.about,
        split_rule="by a hash of the category of three characters",
    )


def _split(of: _Named, settings: IcdCodingSettings) -> Split:
    return split_of(f"icd10cm {of.code[:_CATEGORY]}", settings.validation_share, settings.test_share)


def _labels(said: Sequence[Said], least: int) -> list[str]:
    """Blocks with enough training texts, and chapters; both only where every split has some."""
    counts: Mapping[Split, Counter[str]] = {
        split: Counter(label for of in said if of.split == split for label in of.labels) for split in SPLITS
    }
    everywhere = [
        label for label in counts["train"] if min(counts[split][label] for split in SPLITS) >= _FEWEST
    ]
    return sorted(
        label for label in everywhere if label.startswith("chapter") or counts["train"][label] >= least
    )


def _named(settings: IcdCodingSettings) -> Iterator[_Named]:
    paths = sorted(settings.place.glob("icd10c*tabular*.xml"))
    if not paths:
        raise DataError(
            f"no icd10c*tabular*.xml in {settings.place}",
            "the tabular list of ICD-10-CM",
            f"run: pip install {PACKAGE}, or set data.folder=PATH",
        )
    for record in xml_items(paths[-1], partial(_items, longest=settings.longest_code)):
        if isinstance(record, Malformed):
            raise DataError(f"{record.where}: {record.reason}", "the XML of NCHS", "correct data.folder")
        yield _Named(record.text("code"), record.text("text"), (record.text("chapter"), record.text("block")))


def _items(root: Element, longest: int) -> Iterator[dict[str, str]]:
    for chapter in root.iter("chapter"):
        number = f"chapter {int(chapter.findtext('name') or 0):02d}"
        for section in chapter.iter("section"):
            for entry in section.iter("diag"):
                yield from _texts(entry, {"chapter": number, "block": f"block {section.get('id')}"}, longest)


def _texts(entry: Element, labels: Mapping[str, str], longest: int) -> Iterator[dict[str, str]]:
    code = entry.findtext("name") or ""
    terms = [note.text.strip() for note in entry.iterfind("inclusionTerm/note") if note.text]
    title = [entry.findtext("desc") or ""] if len(code.replace(".", "")) <= longest else []
    for text in (*title, *terms):
        if text:
            yield {"code": code, "text": text, **labels}
