"""Medical abstracts: several labels of an abstract become one answer, but not in the benchmark."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapted import Adapted, adapted
from shared_data import shared_data
from stillroom.data.prepare.sources.medical_abstracts import ADAPTER, LABELS

HEAD = "condition_label,medical_abstract\n"


@pytest.fixture(scope="module")
def real() -> Adapted:
    return adapted(ADAPTER, shared_data("medical_abstracts"))


def test_the_real_file_keeps_all_rows(real: Adapted) -> None:
    assert real.by("split", "benchmark") == {
        ("train", False): 1746,
        ("validation", False): 279,
        ("test", True): 863,
    }
    assert not real.reasons


def test_no_real_abstract_to_learn_from_has_two_answers(real: Adapted) -> None:
    learned = [row for row in real.rows if not row["benchmark"]]
    answers = {(row["document"], row["response"]) for row in learned}
    assert len(answers) == len({row["document"] for row in learned})
    several = {row["document"] for row in learned if not row["options"]}
    assert 0 < len(several) <= 113


def test_real_benchmark_rows_have_one_label_each_as_they_are_scored(real: Adapted) -> None:
    assert all(row["response"] in LABELS for row in real.rows if row["benchmark"])


def test_labels_of_the_benchmark_do_not_reach_the_rows_to_learn_from(tmp_path: Path) -> None:
    (tmp_path / "medical_tc_train.csv").write_text(f"{HEAD}1,A lump.\n1,A cough.\n3,A cough.\n")
    (tmp_path / "medical_tc_test.csv").write_text(f"{HEAD}5,A lump.\n")
    made = adapted(ADAPTER, tmp_path)
    assert made["train-2"]["response"] == "neoplasms"
    assert made["train-3"]["response"] == made["train-4"]["response"]
    assert made["train-3"]["response"] == "neoplasms; nervous system diseases"
    assert made["test-2"]["response"] == "general pathological conditions"


def test_a_label_beyond_the_five_is_told(tmp_path: Path) -> None:
    (tmp_path / "medical_tc_train.csv").write_text(f"{HEAD}6,A lump.\n")
    assert adapted(ADAPTER, tmp_path).reasons == {"a label that is none of 1 to 5": 1}
