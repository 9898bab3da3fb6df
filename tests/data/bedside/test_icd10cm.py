from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from stillroom.data.bedside.icd10cm import IcdCodingSettings
from stillroom.data.bedside.tasks import read, stamp
from stillroom.data.bedside.texts import MINILM
from stillroom.types import DataError
from stillroom.types.packages import installed_file
from text_cases import write_encoder, write_tabular


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> IcdCodingSettings:
    folder = tmp_path_factory.mktemp("icd")
    return IcdCodingSettings(
        task="icd_coding",
        folder=write_tabular(folder / "data"),
        tokenizer=str(write_encoder(folder / "encoder")),
        most_tokens=12,
        longest_code=3,
        least_texts=5,
    )


def test_a_text_has_the_labels_of_its_chapter_and_its_block(settings: IcdCodingSettings) -> None:
    cohort = read(settings)
    assert cohort.head.kind == "labels"
    assert cohort.head.names == ("block A00-A09", "block B00-B09", "chapter 01", "chapter 02")
    for cases in cohort.splits.values():
        assert {int(case.target.sum()) for case in cases} <= {2, 4}


def test_categories_are_split_whole(settings: IcdCodingSettings) -> None:
    cohort = read(settings)
    homes = [{case.group for case in cases} for cases in cohort.splits.values()]
    assert not set.intersection(*homes)
    assert sum(map(len, homes)) == len(set.union(*homes))


def test_a_text_of_two_codes_is_one_case_with_the_labels_of_both(settings: IcdCodingSettings) -> None:
    cohort = read(settings)
    both = [case for cases in cohort.splits.values() for case in cases if case.target.sum() == 4]
    assert len(both) == 1
    assert cohort.dropped == {"read as another, whose labels it joined": 1}


def test_a_longer_codes_title_is_not_read_but_its_terms_are(settings: IcdCodingSettings) -> None:
    short, long = (
        sum(map(len, read(settings.model_copy(update={"longest_code": n})).splits.values())) for n in (3, 4)
    )
    assert short < long


def test_a_list_that_is_not_there_or_cannot_be_read_is_refused(
    settings: IcdCodingSettings, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"no icd10c\*tabular\*.xml"):
        read(settings.model_copy(update={"folder": tmp_path}))
    (tmp_path / "icd10cm_tabular.xml").write_text("<broken")
    with pytest.raises(DataError, match="icd10cm_tabular"):
        read(settings.model_copy(update={"folder": tmp_path}))


def test_the_package_is_read_without_importing_it() -> None:
    if (
        importlib.util.find_spec("simple_icd_10_cm") is None
        or installed_file(MINILM, "tokenizer.json") is None
    ):
        pytest.skip(f"packages simple-icd-10-cm and {MINILM} are not installed")
    settings = IcdCodingSettings(task="icd_coding")
    assert any(name.endswith(".xml") for name in stamp(settings)["files"])
    cohort = read(settings)
    truth = np.stack([case.target for case in cohort.splits["test"]])
    assert truth.sum(0).min() >= 5
    assert sum(map(len, cohort.splits.values())) > 20_000
