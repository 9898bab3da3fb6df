"""Whether an abstract answers its question with yes, no or maybe: PubMedQA."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from stillroom.data.bedside.splitting import split_of
from stillroom.data.bedside.texts import Labelled, TextSettings, cases_of, read_lines, tokenizer_of
from stillroom.types import DataError, Source
from stillroom.types.cases import TOKENS, Cohort, Head

ANSWERS = ("no", "yes", "maybe")
_LEARNED, _TESTED = "train_dev.jsonl.gz", "test.jsonl.gz"

SOURCE = Source(
    name="PubMedQA, labelled by experts",
    version="1cbae8e92f72f20c8d3747cbb3bf5bc53554d997",
    licence="MIT",
    url="https://github.com/pubmedqa/pubmedqa",
    citation="Jin et al. 2019, PubMedQA: A Dataset for Biomedical Research Question Answering (EMNLP).",
)


class PubmedQaSettings(TextSettings):
    """A question and the abstract without its conclusion, which would give the answer away."""

    task: Literal["abstract_answer"]
    most_tokens: int = Field(
        default=384, ge=8, le=512, description="word pieces that are read: the question, then the abstract"
    )
    validation_share: float = Field(
        default=0.2, gt=0, lt=0.5, description="share of the questions to learn from"
    )


def build(settings: PubmedQaSettings) -> Cohort:
    """Read the questions; the test split is the published one.

    Raises:
        DataError: a file or a field is missing, an answer is unknown, or there is no tokenizer.
    """
    splits, dropped = cases_of(_rows(settings), ANSWERS, settings)
    return Cohort(
        name="pubmedqa",
        sources=(SOURCE,),
        head=Head("classes", ANSWERS),
        channels={},
        splits=splits,
        dropped=dropped,
        mended={},
        split_rule="test as published; validation by a hash of the article",
        tokenizers={TOKENS: tokenizer_of(settings).to_str()},
    )


def _rows(settings: PubmedQaSettings) -> Iterator[Labelled]:
    for name in (_LEARNED, _TESTED):
        for row in read_lines(settings.folder / name, ("pmid", "question", "answer")):
            if row["answer"] not in ANSWERS or not isinstance(row.get("contexts"), list):
                raise DataError(
                    f"{row['pmid']} of {name} has the answer {row['answer']!r}, or no contexts",
                    f"one of {', '.join(ANSWERS)}, and a list of texts",
                    "take the file as its source gives it",
                )
            learned = split_of(f"pubmedqa {row['pmid']}", settings.validation_share, 0.0)
            text = " ".join([row["question"], *map(str, row["contexts"])])
            yield Labelled(
                f"pubmedqa/{row['pmid']}", "test" if name == _TESTED else learned, text, row["answer"]
            )
