"""Deduplication: what is a copy, which copy stays, and that nothing else plays a part."""

from __future__ import annotations

import pickle
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from prepared import raw, read_task, source
from stillroom.data.prepare.account import Account
from stillroom.data.prepare.rows import table
from stillroom.data.prepare.settings.deduplicate import DeduplicateSettings
from stillroom.data.prepare.stage import Outcome
from stillroom.data.prepare.stages.deduplicate import Deduplicate
from stillroom.data.prepare.steps import read_sources, run_stage
from stillroom.data.prepare.workers import Alone, Workers, local_workers

STAGE = Deduplicate(DeduplicateSettings())
OTHER_ANSWER = "rows_whose_question_has_another_answer"
Row = dict[str, Any]


def text(words: int, seed: int = 0) -> str:
    """Made words, none a number or a word that turns a meaning."""
    generator = random.Random(seed)
    return " ".join("".join(generator.choices("abdefgklmnoprstu", k=7)) for _ in range(words))


def row(id: str, **columns: Any) -> Row:
    return {"id": id, "source": id.partition("/")[0], "task": "note", **columns}


def result(rows: list[Row], cut: int = 3, stage: Deduplicate = STAGE) -> list[Outcome]:
    tables = [table(rows[at : at + cut]) for at in range(0, len(rows), cut)]
    decided = pickle.loads(pickle.dumps(stage.decide(stage.survey(each) for each in tables)))
    return [decided.apply(each) for each in tables]


def left_out(rows: list[Row], cut: int = 3, stage: Deduplicate = STAGE) -> dict[str, tuple[str, str]]:
    dropped = [each for outcome in result(rows, cut, stage) for each in outcome.dropped.to_pylist()]
    return {each["id"]: (each["reason"], each["because_of"]) for each in dropped}


def edited(words: str, *places: int, word: str = "otherwise") -> str:
    found = words.split()
    for place in places:
        found[place] = word
    return " ".join(found)


def pair(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    return left_out([row("a/1", **one), row("b/1", **other)])


def test_an_exact_copy_may_differ_in_case_spacing_punctuation_and_the_order_of_options() -> None:
    one = {"prompt": "Which is true?", "options": ["Zinc", "Iron"], "response": "Zinc."}
    other = {"prompt": "which  is TRUE", "options": ["iron", "zinc"], "response": "zinc"}
    assert pair(one, other) == {"b/1": ("an exact copy", "a/1")}


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": "Which is false?"},
        {"options": ["Zinc", "Copper"]},
        {"response": "Iron"},
        {"context": "A note."},
    ],
)
def test_a_row_that_differs_in_one_part_is_no_copy(change: Row) -> None:
    one = {"prompt": "Which is true?", "options": ["Zinc", "Iron"], "response": "Zinc"}
    assert pair(one, {**one, **change}) == {}


def test_a_near_copy_of_a_long_text_differs_in_a_word_here_and_there() -> None:
    long = text(200)
    one = {"prompt": "What does the note say?", "response": long}
    assert pair(one, {**one, "response": edited(long, 50, 120)}) == {"b/1": ("a near copy", "a/1")}
    assert pair(one, {**one, "response": edited(long, *range(0, 200, 20))}) == {}


@pytest.mark.parametrize("words", [49, 55, 61, 62])
def test_one_word_of_49_is_little_whatever_the_text_beside_it_is_cut_into(words: int) -> None:
    long = text(words)
    assert pair({"prompt": long}, {"prompt": edited(long, 20)}) == {"b/1": ("a near copy", "a/1")}


def test_a_short_text_is_compared_by_letters_so_that_a_slip_is_little_and_a_word_is_much() -> None:
    short = "drug of choice for prolonged convulsions in pregnancy"
    slip, word = short.replace("choice", "choise"), short.replace("convulsions", "hypertension")
    assert pair({"prompt": short}, {"prompt": slip}) == {"b/1": ("a near copy", "a/1")}
    assert pair({"prompt": short}, {"prompt": word}) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [("20 mg", "25 mg"), ("left", "right"), ("hypokalemia", "hyperkalemia"), ("type II", "type IV")],
)
def test_a_number_a_side_or_a_direction_makes_another_question(one: str, other: str) -> None:
    prompt = f"{text(12)} {{}} {text(10, 1)}"
    assert pair({"prompt": prompt.format(one)}, {"prompt": prompt.format(other)}) == {}
    slip = prompt.format(one).replace("a", "e", 1)
    assert pair({"prompt": prompt.format(one)}, {"prompt": slip}) == {"b/1": ("a near copy", "a/1")}


def test_other_questions_about_one_long_document_are_no_copies() -> None:
    note = text(800)
    first = {"prompt": "How old is the patient?", "context": note, "response": "Old."}
    second = {"prompt": "Which drug was stopped?", "context": note, "response": "Aspirin."}
    assert pair(first, second) == {}
    assert pair(first, {**first, "context": edited(note, 400)}) == {"b/1": ("a near copy", "a/1")}


def test_short_texts_under_one_long_instruction_are_no_copies() -> None:
    asked = {"prompt": f"List what this sentence names, one to a line: {text(20)}", "response": "none"}
    assert pair({**asked, "context": "Purpose."}, {**asked, "context": "Methods."}) == {}
    assert pair({**asked, "context": "Given 5 mg once."}, {**asked, "context": "Given 9 mg once."}) == {}


def test_another_question_with_the_same_options_and_answer_is_no_copy() -> None:
    options = {"options": [text(12, n) for n in range(4)], "response": text(12)}
    assert (
        pair(
            {"prompt": "Which drug slows the heart?", **options},
            {"prompt": "What is given first?", **options},
        )
        == {}
    )


def test_the_same_question_answered_otherwise_is_kept_and_counted() -> None:
    rows = [
        row(f"a/{n}", prompt="Is it safe?", response=answer) for n, answer in enumerate(["Yes", "No", "yes!"])
    ]
    outcomes = result(rows)
    assert [outcome.rows["id"].to_pylist() for outcome in outcomes] == [["a/0", "a/1"]]
    assert [outcome.facts for outcome in outcomes] == [{OTHER_ANSWER: 2}]


def test_multiple_choice_that_contradicts_itself_can_be_left_out() -> None:
    options = {"prompt": "Which is an ion?", "options": ["Na+", "Xe", "He"]}
    rows = [row("a/1", **options, response="Na+"), row("b/1", **options, response="Xe")]
    rows += [row("a/2", prompt="Safe?", response="Yes"), row("a/3", prompt="Safe?", response="No")]
    stage = Deduplicate(DeduplicateSettings(contradictions="drop"))
    reason = "another row gives the same question another answer"
    assert left_out(rows, stage=stage) == {"a/1": (reason, "b/1"), "b/1": (reason, "a/1")}
    assert left_out(rows) == {}


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"id": "z/1", "options": ["Iron", "Zinc"]}, {"id": "a/1", "options": []}),
        ({"id": "z/1", "context": text(51, 2)}, {"id": "a/1", "context": text(50, 2)}),
    ],
)
def test_options_then_context_decide_which_copy_stays(better: Row, worse: Row) -> None:
    body = text(300)
    made = [row(**{"prompt": text(30, 1), "response": body, **each}) for each in (worse, better)]
    assert left_out(made) == {"a/1": ("a near copy", "z/1")}


def test_then_the_source_that_came_first_and_the_identifier_decide() -> None:
    rows = [row(id, prompt="Is it so?") for id in ("b/2", "b/1", "a/0")]
    assert {id: because for id, (_, because) in left_out(rows).items()} == {"b/2": "b/1", "a/0": "b/1"}


def test_an_exact_copy_of_a_near_copy_names_the_row_that_stays() -> None:
    long = text(100)
    rows = [row("a/1", prompt=long)] + [row(f"b/{n}", prompt=edited(long, 9)) for n in range(2)]
    assert left_out(rows) == {"b/0": ("a near copy", "a/1"), "b/1": ("a near copy", "a/1")}


def test_rows_of_a_benchmark_all_go_on_and_nothing_is_left_out_because_of_them() -> None:
    same = {"prompt": text(60)}
    rows = [row("a/1", **same, benchmark=True), row("a/2", **same, benchmark=True), row("b/1", **same)]
    assert left_out(rows) == {}


def adversarial() -> list[Row]:
    base = text(120)
    rows = [row(f"a/{n}", prompt=edited(base, n), response=text(5, n % 3)) for n in range(20)]
    rows += [row(f"b/{n}", prompt=base, context=text(30, n % 4)) for n in range(12)]
    rows += [
        row(f"c/{n}", prompt=part) for n, part in enumerate(["", " ", "?", "x", "X.", "ｘ", "😀", "漢字"])
    ]
    rows += [row(f"d/{n}", prompt=" ".join(base.split()[n : n + 60])) for n in range(40)]
    return rows


def test_the_order_of_rows_and_the_cut_of_shards_play_no_part() -> None:
    rows = adversarial()
    expected = left_out(rows, cut=len(rows))
    assert 20 < len(expected) < len(rows)
    for seed, cut in ((1, 1), (2, 7), (3, 1000)):
        shuffled = sorted(rows, key=lambda each: random.Random(f"{seed}{each['id']}").random())
        shuffled.sort(key=lambda each: each["source"])
        assert left_out(shuffled, cut) == expected


def test_every_row_that_is_left_out_names_one_that_stays() -> None:
    out = left_out(adversarial())
    assert not {because for _, because in out.values()} & out.keys()


def test_ten_thousand_copies_are_no_burden() -> None:
    base = text(150)
    rows = [row(f"a/{n:05d}", prompt=edited(base, n % 50), response=str(n % 2)) for n in range(10_000)]
    out = left_out(rows, cut=2000)
    assert set(out.values()) <= {
        (reason, f"a/0000{n}") for reason in ("an exact copy", "a near copy") for n in (0, 1)
    }
    assert len(out) == 9998


def test_one_row_of_ten_megabytes_is_compared_like_any_other() -> None:
    long = text(50_000) + " " + "lorem ipsum dolor " * 500_000
    out = pair(
        {"prompt": "Say it.", "response": long}, {"prompt": "Say it.", "response": edited(long, 7, 70)}
    )
    assert out == {"b/1": ("a near copy", "a/1")}


def test_no_rows_at_all() -> None:
    assert left_out([]) == {}
    assert STAGE.decide([STAGE.survey(table([]))]).apply(table([])).rows.num_rows == 0


def pipeline(folder: Path, workers: Workers) -> tuple[list[bytes], Account]:
    folder.mkdir()
    path = folder / "source"
    path.touch()
    base = text(110)
    rows = [raw(n, prompt=edited(base, n), response="So it is.") for n in range(30)]
    files = [source(name, rows, path) for name in "ab"]
    tasks = [read_task(each, folder / "read", number) for number, each in enumerate(files)]
    step = run_stage(STAGE, read_sources(tasks, folder / "read", workers), folder / "stage", workers)
    return [file.read_bytes() for shard in step.shards for file in (shard.rows, shard.dropped)], step.account


def test_two_workers_give_the_bytes_of_one(tmp_path: Path) -> None:
    alone, account = pipeline(tmp_path / "alone", Alone())
    with local_workers(2) as workers:
        together, _ = pipeline(tmp_path / "together", workers)
    assert alone == together
    assert account.rows_in == 60 == account.rows_out + sum(account.dropped.values())
    assert account.dropped == {"a near copy": 58, "an exact copy": 1}


def test_rows_of_a_benchmark_may_be_the_last_of_all() -> None:
    rows = [row(f"a/{n}", prompt=text(12, n), response=text(30, n + 100)) for n in range(5)]
    tested = [row(f"b/{n}", prompt=text(12, n + 50), response=text(9, n), benchmark=True) for n in range(4)]
    assert left_out([*rows, *tested]) == {}
