"""PubMedQA: two rows of an abstract, and a conclusion that is never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapted import Adapted, adapted, write_json
from shared_data import shared_data
from stillroom.data.prepare.sources.pubmedqa import ADAPTER
from stillroom.types import DataError


def question(decision: str = "yes") -> dict[str, Any]:
    return {
        "QUESTION": "Does it help?",
        "CONTEXTS": ["We asked.", "It did."],
        "LABELS": ["AIM", "RESULTS"],
        "final_decision": decision,
        "LONG_ANSWER": "It helps most of them.",
    }


@pytest.fixture(scope="module")
def real() -> Adapted:
    return adapted(ADAPTER, shared_data("pubmedqa_labeled"))


def test_the_real_halves_have_500_questions_each_and_two_rows_a_question(real: Adapted) -> None:
    assert real.by("split", "benchmark", "task") == {
        ("train", "", "multiple_choice"): 500,
        ("train", "", "conclusion"): 500,
        ("test", True, "multiple_choice"): 500,
        ("test", True, "conclusion"): 500,
    }
    assert not real.reasons


def test_the_real_decisions_are_balanced_as_published(real: Adapted) -> None:
    decisions = real.by("split", "response")
    assert [decisions["test", word] for word in ("yes", "no", "maybe")] == [276, 169, 55]


def test_no_real_conclusion_stands_in_the_context_of_its_decision(real: Adapted) -> None:
    rows = real.rows
    contexts = {row["document"]: row["context"] for row in rows if row["task"] == "multiple_choice"}
    assert not [
        row["id"]
        for row in rows
        if row["task"] == "conclusion" and row["response"] in contexts[row["document"]]
    ]


def test_the_release_is_split_by_the_ground_truth(tmp_path: Path) -> None:
    write_json(tmp_path / "ori_pqal.json", {"11": question(), "12": question("maybe")})
    write_json(tmp_path / "test_ground_truth.json", {"12": "maybe"})
    made = adapted(ADAPTER, tmp_path)
    assert made["11"]["split"] == "train"
    assert made["11"]["context"] == "AIM: We asked.\nRESULTS: It did."
    assert made["12"]["benchmark"] is True
    assert made["12-conclusion"]["benchmark"] is True
    assert made["12-conclusion"]["document"] == made["12"]["document"] == "12"


@pytest.mark.parametrize("truth", [None, 3, "{"])
def test_without_the_ground_truth_the_labelled_questions_are_refused(tmp_path: Path, truth: object) -> None:
    write_json(tmp_path / "ori_pqal.json", {"11": question()})
    if truth is not None:
        (tmp_path / "test_ground_truth.json").write_text(str(truth))
    with pytest.raises(DataError, match="which of the 1,000 labelled questions are the test"):
        adapted(ADAPTER, tmp_path)


def test_questions_without_a_decision_only_give_their_conclusion(tmp_path: Path) -> None:
    unlabelled = {name: value for name, value in question().items() if name != "final_decision"}
    write_json(tmp_path / "ori_pqau.json", {"13": unlabelled})
    assert [row["task"] for row in adapted(ADAPTER, tmp_path).rows] == ["conclusion"]


def test_a_decision_of_another_kind_and_a_part_without_label_are_told(tmp_path: Path) -> None:
    short, number = {**question(), "LABELS": ["AIM"]}, {**question(), "CONTEXTS": ["We asked.", 3]}
    write_json(tmp_path / "ori_pqaa.json", {"14": question("perhaps"), "15": short, "16": number})
    assert adapted(ADAPTER, tmp_path).reasons == {
        "the answer is none of yes, no and maybe": 1,
        "the abstract's parts and their labels do not match": 2,
        "a part of the abstract is no text": 2,
    }
