from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from shared_data import shared_data
from stillroom.data.bedside.entities import ChemicalDiseaseEntitiesSettings, DiseaseEntitiesSettings
from stillroom.data.bedside.store import load_saved, save
from stillroom.data.bedside.tasks import read, stamp
from stillroom.data.bedside.texts import MINILM
from stillroom.data.bedside.tokenizers import FEWEST_PIECES, own_tokenizer
from stillroom.types import DataError
from stillroom.types.cases import UNKNOWN, Cohort
from stillroom.types.packages import installed_file
from text_cases import WORDS, write_encoder, write_tagged, write_unlabelled


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> DiseaseEntitiesSettings:
    folder = tmp_path_factory.mktemp("tagged")
    return DiseaseEntitiesSettings(
        task="disease_entities",
        folder=write_tagged(folder / "data"),
        tokenizer=str(write_encoder(folder / "encoder")),
        own_pieces=FEWEST_PIECES,
        unlabelled=write_unlabelled(folder / "more"),
        most_unlabelled=3,
    )


@pytest.fixture(scope="module")
def cohort(settings: DiseaseEntitiesSettings) -> Cohort:
    return read(settings)


def test_a_target_is_the_tag_of_each_word(cohort: Cohort) -> None:
    case = cohort.splits["test"][0]
    first = case.inputs["words"][:, 0]
    assert [WORDS[at] for at in case.inputs["tokens"][first]] == ["the", "heart", "pain", "of", "old", "a"]
    assert [cohort.head.names[at] for at in case.target] == ["O", "B-Disease", "I-Disease", *"OOO"]


def test_both_tokenizers_mark_the_same_words(cohort: Cohort) -> None:
    for case in cohort.splits["validation"]:
        assert len(case.inputs["words"]) == len(case.inputs["own_words"]) == len(case.target)
        assert (case.inputs["own_words"][:, 1] <= len(case.inputs["own_tokens"])).all()


def test_sentences_of_a_later_split_are_not_learned_from(cohort: Cohort) -> None:
    assert cohort.dropped == {"word for word in a later split": 1}


def test_unlabelled_sentences_join_the_training_split_without_tags(cohort: Cohort) -> None:
    more = [case for case in cohort.splits["train"] if (case.target == UNKNOWN).all()]
    assert len(more) == 3
    assert all(case.group.startswith("unlabelled/more.jsonl.gz/") for case in more)
    assert not any("heart" in case.id for case in more)


def test_a_cohort_keeps_its_tokenizers(cohort: Cohort, tmp_path: Path) -> None:
    save(cohort, tmp_path / "cohort")
    again = load_saved(tmp_path / "cohort")
    assert again.tokenizers == cohort.tokenizers
    assert set(again.tokenizers) == {"tokens", "own_tokens"}


def test_the_stamp_tells_both_folders(settings: DiseaseEntitiesSettings) -> None:
    assert set(stamp(settings)["unlabelled"]) == {"more.jsonl.gz"}


def test_words_beyond_what_is_read_are_left_out_and_counted(settings: DiseaseEntitiesSettings) -> None:
    short = read(settings.model_copy(update={"most_tokens": 8, "unlabelled": None}))
    case = short.splits["test"][-1]  # the heart pain of old skin skin skin skin
    assert case.size == 8
    assert len(case.target) == len(case.inputs["words"]) == len(case.inputs["own_words"]) == 6
    assert short.mended["word beyond the pieces that are read, left out"] > 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("heart", "line 1 of dev.conll.gz: a line that is not a word"),
        ("heart\tB-Drug", "not a word, a tab and a known tag"),
        ("heart\tI-Disease", "I-Disease goes on from nothing"),
    ],
)
def test_malformed_lines_are_told_by_number_and_never_by_text(
    settings: DiseaseEntitiesSettings, tmp_path: Path, line: str, message: str
) -> None:
    folder = write_tagged(tmp_path / "data")
    (folder / "dev.conll.gz").write_bytes(gzip.compress(line.encode()))
    with pytest.raises(DataError, match=message) as error:
        read(settings.model_copy(update={"folder": folder}))
    assert "heart" not in str(error.value)


def test_a_folder_without_texts_is_refused(settings: DiseaseEntitiesSettings, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no \*.jsonl.gz"):
        read(settings.model_copy(update={"unlabelled": tmp_path}))


def test_a_tokenizer_of_ones_own_is_the_same_for_the_same_texts() -> None:
    texts = ["heart pain", "heart of heart", "pain"]
    one, other = (own_tokenizer(FEWEST_PIECES + 3, texts) for _ in range(2))
    assert one.to_str() == other.to_str()
    assert one.encode("heart").tokens != own_tokenizer(FEWEST_PIECES, []).encode("heart").tokens


@pytest.mark.parametrize(
    ("name", "settings_of", "sentences", "entities"),
    [
        ("ner_ncbi_disease", DiseaseEntitiesSettings, (5411, 922, 940), {"B-Disease": 960}),
        (
            "ner_bc5cdr",
            ChemicalDiseaseEntitiesSettings,
            (4545, 4559, 4797),
            {"B-Chemical": 5385, "B-Disease": 4424},
        ),
    ],
)
def test_the_corpora_are_read_as_published(
    name: str,
    settings_of: type[DiseaseEntitiesSettings],
    sentences: tuple[int, int, int],
    entities: dict[str, int],
) -> None:
    folder = shared_data(name)
    if installed_file(MINILM, "tokenizer.json") is None:
        pytest.skip(f"package {MINILM} is not installed")
    task = {"ner_ncbi_disease": "disease_entities"}.get(name, "chemical_disease_entities")
    cohort = read(settings_of(task=task, folder=folder))
    counted = tuple(len(cohort.splits[split]) for split in ("train", "validation", "test"))
    tags = np.concatenate([case.target for case in cohort.splits["test"]])
    assert counted == sentences
    assert {of: int((tags == cohort.head.names.index(of)).sum()) for of in entities} == entities
    assert not cohort.mended
