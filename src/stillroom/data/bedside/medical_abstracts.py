"""Of which group of conditions an abstract speaks: medical abstracts of MEDLINE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from stillroom.data.bedside.splitting import GIVEN
from stillroom.data.bedside.texts import Labelled, TextSettings, cases_of, read_lines, tokenizer_of
from stillroom.types import DataError, Source
from stillroom.types.cases import TOKENS, Cohort, Head

CONDITIONS = (
    "neoplasms",
    "digestive system diseases",
    "nervous system diseases",
    "cardiovascular diseases",
    "general pathological conditions",
)
_FILE = "abstracts.jsonl.gz"

SOURCE = Source(
    name="Medical-Abstracts-TC-Corpus, its published test file",
    version="70a2d9106c724729be8b3c4ddb00d1b14ec300c8",
    licence="CC-BY-SA-3.0",
    url="https://github.com/sebischair/Medical-Abstracts-TC-Corpus",
    citation="Schopf, Braun & Matthes 2022, Evaluating Unsupervised Text Classification (NLPIR).",
)


class MedicalAbstractsSettings(TextSettings):
    """Abstracts of five groups of conditions, of which the fifth overlaps the others."""

    task: Literal["abstract_condition"]


def build(settings: MedicalAbstractsSettings) -> Cohort:
    """Read the abstracts on the split that is given; those that occur with several labels are left out.

    Raises:
        DataError: the file or a field is missing, a label or a split is unknown, or there is no tokenizer.
    """
    splits, dropped = cases_of(_rows(settings), CONDITIONS, settings)
    return Cohort(
        name="medical_abstracts",
        sources=(SOURCE,),
        head=Head("classes", CONDITIONS),
        channels={},
        splits=splits,
        dropped=dropped,
        mended={},
        split_rule="as given with the data: by a hash of the text",
        tokenizers={TOKENS: tokenizer_of(settings).to_str()},
    )


def _rows(settings: MedicalAbstractsSettings) -> Iterator[Labelled]:
    for row in read_lines(settings.folder / _FILE, ("id", "split", "label_name", "text")):
        if row["label_name"] not in CONDITIONS or row["split"] not in GIVEN:
            raise DataError(
                f"{row['id']} of {_FILE} is of {row['label_name']!r}, split {row['split']!r}",
                f"one of {', '.join(CONDITIONS)}; train, val or test",
                "take the file as its source gives it",
            )
        yield Labelled(f"medical_abstracts/{row['id']}", GIVEN[row["split"]], row["text"], row["label_name"])
