"""To which section of the note a conversation belongs: MTS-Dialog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from stillroom.data.bedside.texts import Labelled, TextSettings, cases_of, read_lines, tokenizer_of
from stillroom.types import DataError, Source, Split
from stillroom.types.cases import TOKENS, Cohort, Head

SECTIONS = (
    "ALLERGY",
    "ASSESSMENT",
    "CC",
    "DIAGNOSIS",
    "DISPOSITION",
    "EDCOURSE",
    "EXAM",
    "FAM/SOCHX",
    "GENHX",
    "GYNHX",
    "IMAGING",
    "IMMUNIZATIONS",
    "LABS",
    "MEDICATIONS",
    "OTHER_HISTORY",
    "PASTMEDICALHX",
    "PASTSURGICAL",
    "PLAN",
    "PROCEDURES",
    "ROS",
)
_SPLITS: Mapping[str, Split] = {"train": "train", "val": "validation", "test1": "test", "test2": "test"}

SOURCE = Source(
    name="MTS-Dialog",
    version="3ff0801933608d6f570468c13125125fb5cabdea, without the augmented sets",
    licence="CC-BY-4.0",
    url="https://github.com/abachaa/MTS-Dialog",
    citation="Ben Abacha, Yim, Fan & Lin 2023, An Empirical Study of Clinical Note Generation from Doctor-Patient "
    "Encounters (EACL).",
)


class MtsDialogSettings(TextSettings):
    """Short conversations of doctor and patient, and which of 20 sections of the note was written from each."""

    task: Literal["note_section"]


def build(settings: MtsDialogSettings) -> Cohort:
    """Read the conversations on the splits as published, both test sets as one.

    Raises:
        DataError: a file or a field is missing, a section is none of the 20, or there is no tokenizer.
    """
    splits, dropped = cases_of(_rows(settings), SECTIONS, settings)
    return Cohort(
        name="mts_dialog",
        sources=(SOURCE,),
        head=Head("classes", SECTIONS),
        channels={},
        splits=splits,
        dropped=dropped,
        mended={},
        split_rule="as published: the test sets of MEDIQA-Chat and of MEDIQA-Sum 2023 are the test split",
        tokenizers={TOKENS: tokenizer_of(settings).to_str()},
    )


def _rows(settings: MtsDialogSettings) -> Iterator[Labelled]:
    for name, split in _SPLITS.items():
        path = settings.folder / f"{name}.jsonl.gz"
        for row in read_lines(path, ("id", "dialogue", "section_header")):
            label = row["section_header"]
            if label not in SECTIONS:
                raise DataError(
                    f"{row['id']} of {path.name} is of the section {label!r}",
                    f"one of {', '.join(SECTIONS)}",
                    "take the file as its source gives it",
                )
            yield Labelled(f"mts_dialog/{row['id']}", split, row["dialogue"], label)
