"""Isolation: which rows give a test item away, which do not, and which item is named."""

from __future__ import annotations

import gzip
import json
import pickle
import random
from pathlib import Path
from typing import Any

import pytest

from shared_data import shared_data
from stillroom.data.prepare.likeness.parts import parts_of
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.settings.isolate import IsolateSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.stages.isolate import Isolate
from stillroom.types import DataError

Row = dict[str, Any]
STAGE = Isolate(IsolateSettings())
HOLDS, NEAR = "holds a test item", "a near copy of a test item"
OPTIONS = ["a low pH in the muscle", "a high pH in the muscle", "more ATP than can be used"]
CHOICE = {
    "prompt": "The creatine kinase reaction is inhibited by which of these:",
    "options": OPTIONS,
    "response": OPTIONS[0],
}


def text(words: int, seed: int = 0) -> str:
    generator = random.Random(seed)
    return " ".join("".join(generator.choices("abdefgklmnoprstu", k=7)) for _ in range(words))


def row(id: str, **columns: Any) -> Row:
    return {"id": id, "source": id.partition("/")[0], "task": "question_answering", **columns}


def item(**columns: Any) -> Row:
    return row("test/1", benchmark=True, split="test", **columns)


def result(rows: list[Row], cut: int = 2, stage: Isolate = STAGE) -> list[Outcome]:
    tables = [table(rows[at : at + cut]) for at in range(0, len(rows), cut)]
    decided = pickle.loads(pickle.dumps(stage.decide(stage.survey(each) for each in tables)))
    return [decided.apply(each) for each in tables]


def left_out(rows: list[Row], cut: int = 2, stage: Isolate = STAGE) -> dict[str, tuple[str, str]]:
    dropped = [each for outcome in result(rows, cut, stage) for each in outcome.dropped.to_pylist()]
    return {each["id"]: (each["reason"], each["because_of"]) for each in dropped}


def fact(rows: list[Row], name: str, stage: Isolate = STAGE) -> int:
    return sum(outcome.facts[name] for outcome in result(rows, stage=stage))


def test_the_leak_of_mmlu_is_found_whole_and_nothing_else() -> None:
    folder = shared_data("mmlu_medical")
    rows = []
    for split, ours in (("dev", "train"), ("val", "validation"), ("test", "test")):
        with gzip.open(folder / f"{split}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for raw in map(json.loads, lines):
                options = list(raw["options"].values())
                columns = {"prompt": raw["question"], "options": options, "split": ours}
                answer = raw["options"][raw["answer"]]
                rows.append(row(f"mmlu/{raw['id']}", **columns, response=answer, benchmark=split == "test"))
    clinical, college = "mmlu/clinical_knowledge", "mmlu/college_medicine"
    pairs = {
        **{f"{clinical}-dev-{n}": f"{college}-test-{m}" for n, m in ((0, 152), (4, 81))},
        **{f"{clinical}-val-{n}": f"{college}-test-{m}" for n, m in ((0, 110), (8, 156), (17, 153), (25, 1), (27, 56))},
        **{f"{college}-dev-{n}": f"{clinical}-test-{m}" for n, m in ((0, 252), (1, 93), (4, 56))},
        **{
            f"{college}-val-{n}": f"{clinical}-test-{m}"
            for n, m in ((2, 185), (3, 231), (4, 154), (6, 72), (10, 14), (16, 123), (18, 114), (19, 261), (20, 45))
        },
    }  # fmt: skip
    assert len(pairs) == 19
    assert left_out(rows, cut=512) == {id: (HOLDS, because) for id, because in pairs.items()}


@pytest.mark.parametrize(
    "change", [{}, {"options": OPTIONS[::-1]}, {"response": OPTIONS[1]}, {"prompt": CHOICE["prompt"].upper()}]
)
def test_a_choice_is_given_away_whatever_the_order_case_and_answer(change: Row) -> None:
    assert left_out([item(**CHOICE), row("a/1", **{**CHOICE, **change})]) == {"a/1": (HOLDS, "test/1")}


def test_it_is_given_away_without_its_options_too_where_the_answer_is_there() -> None:
    card = {"prompt": CHOICE["prompt"], "response": CHOICE["response"]}
    assert left_out([item(**CHOICE), row("a/1", **card)]) == {"a/1": (HOLDS, "test/1")}


def test_a_stem_that_any_question_may_have_gives_nothing_away() -> None:
    stem = "Which of the following statements about these is correct"
    one = {"prompt": stem, "options": ["Zinc is a metal", "Xenon is a metal"], "response": "Zinc is a metal"}
    other = {
        "prompt": stem,
        "options": ["Bones hold calcium", "Hair is bone"],
        "response": "Bones hold calcium",
    }
    assert left_out([item(**one), row("a/1", **other)]) == {}


def test_a_short_question_is_found_as_a_whole_prompt_and_not_inside_other_texts() -> None:
    test = item(prompt="What is insulin?", response="A hormone.")
    same = row("a/1", prompt="what is INSULIN", response="It is made in the pancreas.")
    other = row("a/2", prompt="Explain what is insulin resistance?", response="What is insulin to a cell?")
    instruction = row("a/3", prompt="What is insulin?", context=text(50), response="x")
    assert left_out([test, same, other, instruction]) == {"a/1": (HOLDS, "test/1")}


def test_a_question_of_eight_words_is_found_inside_other_texts() -> None:
    test = item(prompt="What should a patient eat before this operation?")
    inside = row(
        "a/1", prompt="Q.", response="Ask: what should a patient eat before this operation? Nothing."
    )
    assert left_out([test, inside]) == {"a/1": (HOLDS, "test/1")}


def test_the_document_of_an_item_gives_it_away_and_some_words_of_it_do_not() -> None:
    note = text(300)
    test = item(prompt="How old is he?", context=note, response="Old.")
    part = " ".join(note.split()[:100])
    rows = [
        test,
        row("a/1", prompt="Sum up.", context="Seen today. " + note),
        row("a/2", prompt="Say.", response=part),
    ]
    assert left_out(rows) == {"a/1": (HOLDS, "test/1")}
    assert fact(rows, "rows_sharing_13_words_with_a_test_item") == 1
    strict = Isolate(IsolateSettings(share=0.2))
    assert left_out(rows, stage=strict).keys() == {"a/1", "a/2"}


def test_what_is_asked_about_every_text_gives_none_of_them_away() -> None:
    asked = {
        "prompt": "Which group of conditions is this abstract about, of the following five?",
        "options": OPTIONS,
    }
    rows = [row(f"t/{n}", **asked, response=OPTIONS[0], context=text(60, n), split="test") for n in range(3)]
    rows.append(row("a/1", **asked, response=OPTIONS[0], context=text(60, 9)))
    assert left_out(rows) == {}
    assert left_out([*rows, row("a/2", prompt="Sum up.", context=text(60, 1))]) == {"a/2": (HOLDS, "t/1")}


def test_short_texts_under_one_long_instruction_are_not_near() -> None:
    asked = {"prompt": f"List what this sentence names, one to a line: {text(20)}", "response": "none"}
    rows = [row("t/1", **asked, context="Purpose.", split="test"), row("a/1", **asked, context="Methods.")]
    assert left_out(rows) == {}
    assert left_out([*rows, row("a/2", **asked, context="Purpose")]) == {"a/2": (NEAR, "t/1")}


def test_a_form_of_words_gives_nothing_away_and_is_no_burden() -> None:
    form = text(300)
    rows = [
        row(f"t/{n}", prompt=f"{text(3, n)}?", response=f"{text(20, n)} {form}", split="test")
        for n in range(300)
    ]
    rows += [row(f"a/{n}", prompt=f"{text(3, n)}!?", response=f"{text(20, n)} {form}") for n in (7, 1000)]
    rows += [
        row(f"b/{n}", prompt=f"{text(3, n)}?", response=f"{text(20, n)} {form}") for n in range(2000, 4000)
    ]
    assert left_out(rows, cut=2048) == {"a/7": (HOLDS, "t/7")}


@pytest.mark.parametrize("words", [9, 30, 60, 200])
def test_an_item_with_a_slip_in_it_is_a_near_copy_whatever_is_answered(words: int) -> None:
    prompt = text(words)
    slips = prompt.split()
    for place in range(min(words // 2, 30), words, 60):
        slips[place] = slips[place][:-1] + "y"
    found = left_out([item(prompt=prompt), row("a/1", prompt=" ".join(slips), response="None.")])
    assert found == {"a/1": (NEAR, "test/1")}


@pytest.mark.parametrize("change", [("convulsions", "hypertension"), ("20 mg", "25 mg")])
def test_a_question_with_another_word_or_number_is_another_question(change: tuple[str, str]) -> None:
    prompt = "is a dose of 20 mg enough for prolonged convulsions in pregnancy"
    assert left_out([item(prompt=prompt), row("a/1", prompt=prompt.replace(*change))]) == {}


@pytest.mark.parametrize("group", ["patient", "document"])
def test_rows_of_a_test_items_patient_or_document_are_left_out_in_its_source(group: str) -> None:
    test = row("a/0", prompt=text(40), split="test", **{group: "7"})
    rows = [
        test,
        row("a/1", prompt=text(40, 1), **{group: "7"}),
        row("a/2", prompt=text(40, 2), **{group: "8"}),
    ]
    rows += [row("b/1", prompt=text(40, 3), **{group: "7"}), row("b/2", prompt=text(40, 4))]
    assert left_out(rows) == {"a/1": (f"of the {group} of a test item", "a/0")}


def test_the_item_that_is_held_most_of_is_named() -> None:
    first, second = text(40), text(40, 1)
    rows = [row(f"t/{n}", prompt=each, split="test") for n, each in enumerate((first + " " + second, second))]
    assert left_out([*rows, row("a/1", prompt=second)], cut=1) == {"a/1": (HOLDS, "t/1")}


def test_a_leak_can_end_the_preparation_naming_rows_and_never_texts() -> None:
    stage = Isolate(IsolateSettings(leaks="fail"))
    with pytest.raises(DataError, match=r"1 rows .* away: 'a/1' \('test/1'\); expected no row") as raised:
        result([item(**CHOICE), row("a/1", **CHOICE)], stage=stage)
    assert "creatine" not in str(raised.value)
    assert left_out([item(**CHOICE), row("a/1", prompt="Another?")], stage=stage) == {}


def test_test_items_that_the_teacher_was_trained_on_are_left_out(tmp_path: Path) -> None:
    rows = [row(f"t/{n}", prompt=text(30, n), split="test") for n in range(3)]
    rows.append(row("a/1", prompt=text(30, 9)))
    key = int(parts_of(table(rows[1:2])).keys()[0])
    path = tmp_path / "taught.txt"
    path.write_text(f"t/0\n{key:016x}\na/1\n")
    stage = Isolate(IsolateSettings(teacher_rows=path))
    reason = "a test item that the teacher was trained on"
    assert left_out(rows, stage=stage) == {"t/0": (reason, ""), "t/1": (reason, "")}
    assert fact(rows, "rows_the_teacher_was_trained_on", stage) == 1


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe\x00"])
def test_a_file_of_the_teachers_rows_that_cannot_be_read_is_an_error(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "taught.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"the teacher's rows cannot be read .* isolate.teacher_rows"):
        result([item(**CHOICE)], stage=Isolate(IsolateSettings(teacher_rows=path)))


def test_order_and_cut_play_no_part_and_odd_rows_are_no_burden() -> None:
    rows = [row(f"t/{n}", prompt=text(20 + n, n), split="test") for n in range(8)]
    rows += [row(f"a/{n}", prompt=text(20 + n, n) if n % 3 else text(9, n + 50)) for n in range(8)]
    rows += [
        row(f"b/{n}", prompt=odd) for n, odd in enumerate(["", "?", "x", "😀", "漢字", "word " * 300_000])
    ]
    rows += [row("t/8", prompt="", split="test"), row("t/9", prompt="word word", split="test")]
    expected = left_out(rows, cut=len(rows))
    assert {id for id in expected if id.startswith("a/")} == {f"a/{n}" for n in range(8) if n % 3}
    for seed, cut in ((1, 1), (2, 5)):
        assert left_out(random.Random(seed).sample(rows, len(rows)), cut) == expected


def test_without_test_items_every_row_goes_on() -> None:
    assert left_out([row("a/1", prompt=text(20)), row("a/2", prompt="")]) == {}
    assert left_out([]) == {}


GROUPS = ["diseases of the heart", "diseases of the liver", "diseases of the mind"]


@pytest.mark.parametrize("options", [GROUPS, []])
def test_an_instruction_that_many_items_have_gives_none_of_them_away(options: list[str]) -> None:
    """Only what is asked about tells: the abstract that is sorted, the sentence whose diseases are listed."""
    asked = {
        "prompt": "Which of these groups of diseases does the following abstract belong to?",
        "options": options,
    }
    made = [
        row(
            f"a/{n}",
            **asked,
            context=text(40, n),
            response=GROUPS[n % 3],
            benchmark=n < 8,
            split="test" if n < 8 else "train",
        )
        for n in range(16)
    ]
    copy = row(
        "a/copy", task="note", prompt="Write a note.", context="", response=text(40, 2) + " " + text(9, 90)
    )
    assert left_out([*made, copy], cut=9) == {"a/copy": (HOLDS, "a/2")}


def test_a_long_answer_about_a_context_is_its_own() -> None:
    asked = {"prompt": "Sum up the conversation."}
    tested = [
        item(**asked, context=text(60, n), response=text(20, n + 50)) | {"id": f"test/{n}"} for n in range(4)
    ]
    told = row("a/told", prompt="What was written?", response=text(20, 52))
    other = row("a/other", **asked, context=text(60, 80), response=text(20, 81))
    assert left_out([*tested, told, other], cut=4) == {"a/told": (HOLDS, "test/2")}
