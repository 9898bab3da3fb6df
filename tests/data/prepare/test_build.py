"""From files to a corpus with its datasheet: the same bytes however it was made."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stillroom.data import load
from stillroom.data.prepare.build import content, prepare
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.workers import Alone, Workers, local_workers
from stillroom.data.store import load_saved
from stillroom.types import DataError

SUBJECTS = (
    "heart", "lung", "kidney", "liver", "spleen", "brain", "retina", "femur", "thyroid", "pancreas", "uterus", "skin",
)  # fmt: skip
WORDS = (
    "opens",
    "carries",
    "filters",
    "stores",
    "clears",
    "directs",
    "senses",
    "bears",
    "warms",
    "digests",
    "shields",
)


def row(n: int, **columns: Any) -> dict[str, Any]:
    """A row that is like no other."""
    subject, verb = SUBJECTS[n % 12], WORDS[n // 12 % 11]
    number = " ".join(f"{chr(97 + (n * k) % 26)}{(n * k) % 89}" for k in range(1, 8))
    return {
        "id": f"{n}",
        "task": "question_answering",
        "prompt": f"What is it that the {subject} {verb} in case {number}?",
        "response": f"The {subject} {verb} whatever the case {number} asks of it, which is described in chapter {n}.",
        **columns,
    }


def write(path: Path, rows: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in rows), "utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> ClinicalSettings:
    folder = tmp_path / "data"
    write(
        folder / "notes" / "rows.jsonl", [row(n, specialty="cardiology" if n % 3 else "") for n in range(120)]
    )
    write(folder / "exam" / "rows.jsonl", [row(n) for n in range(500, 520)])
    return ClinicalSettings.model_validate(
        {
            "source": "clinical",
            "name": "made",
            "folder": str(folder),
            "sources": {
                "notes": {"adapter": "jsonl", "terms": ["share_alike"]},
                "exam": {"adapter": "jsonl", "use": "benchmark", "terms": ["non_commercial"]},
            },
        }
    )


def allowing(settings: ClinicalSettings, share: float) -> ClinicalSettings:
    """The same, with another limit of what may go into quarantine."""
    quarantine = settings.quarantine.model_copy(update={"share": share})
    return settings.model_copy(update={"quarantine": quarantine})


def made(settings: ClinicalSettings, folder: Path, workers: Workers | None = None) -> dict[str, bytes]:
    """Prepare, and return the bytes of every file."""
    prepare(settings, folder / "out", folder / "work", workers or Alone())
    files = (path for path in sorted((folder / "out").rglob("*")) if path.is_file())
    return {path.relative_to(folder / "out").as_posix(): path.read_bytes() for path in files}


def test_a_corpus_lies_beside_its_datasheet(settings: ClinicalSettings, tmp_path: Path) -> None:
    files = made(settings, tmp_path)
    assert set(files) == {
        *(f"corpus/{name}" for name in ("manifest.json", "train.jsonl", "validation.jsonl", "test.jsonl")),
        *("datasheet.json", "datasheet.md", "left_out.jsonl", "review.jsonl", "token_lengths.svg"),
    }
    corpus = load_saved(tmp_path / "out" / "corpus")
    assert sum(len(rows) for rows in corpus.splits.values()) == 140
    assert {row.id for row in corpus.splits["test"]} >= {f"exam/{n}" for n in range(500, 520)}
    assert not any(
        row.id.startswith("exam/") for split in ("train", "validation") for row in corpus.splits[split]
    )
    assert stat.S_IMODE((tmp_path / "out" / "review.jsonl").stat().st_mode) & 0o077 == 0


def test_terms_reach_the_corpus_but_not_those_of_what_is_only_tested_on(
    settings: ClinicalSettings, tmp_path: Path
) -> None:
    made(settings, tmp_path)
    notes, exam = load_saved(tmp_path / "out" / "corpus").sources
    assert notes.terms == ("share_alike",)
    assert (exam.terms, exam.name.endswith("(test only)")) == ((), True)
    facts = json.loads((tmp_path / "out" / "datasheet.json").read_text())
    assert facts["terms"] == {"share_alike": ["notes"], "non_commercial": ["exam"]}


def test_the_datasheet_accounts_for_every_row(settings: ClinicalSettings, tmp_path: Path) -> None:
    notes = Path(settings.folder or "") / "notes" / "rows.jsonl"
    with notes.open("a") as file:
        file.write(
            '{"prompt": \n' + json.dumps(row(7)) + "\n" + json.dumps(row(200) | {"response": None}) + "\n"
        )
    loose = allowing(settings, 0.1)
    files = made(loose, tmp_path)
    facts = json.loads(files["datasheet.json"])
    for before, after in zip(facts["stages"], facts["stages"][1:], strict=False):
        assert after["rows_in"] == before["rows_out"]
    for step in facts["stages"]:
        assert step["rows_in"] == step["rows_out"] + sum(step["dropped"].values())
    assert facts["stages"][-1]["rows_out"] == sum(facts["items"].values())
    listed = [json.loads(line) for line in files["left_out.jsonl"].decode().splitlines()]
    assert len(listed) == sum(sum(step["dropped"].values()) for step in facts["stages"])
    assert [line["reason"] for line in listed[:2]] == ["no JSON", "an identifier again"]
    page = files["datasheet.md"].decode()
    for told in (facts["fingerprint"], "no JSON", "share alike", "cardiology", "token_lengths.svg"):
        assert told in page


def test_no_text_of_a_row_is_in_the_datasheet_or_in_the_list(
    settings: ClinicalSettings, tmp_path: Path
) -> None:
    files = made(settings, tmp_path)
    for name in ("datasheet.md", "datasheet.json", "left_out.jsonl", "corpus/manifest.json"):
        assert b"whatever the case" not in files[name]


def test_any_number_of_workers_gives_the_same_bytes(settings: ClinicalSettings, tmp_path: Path) -> None:
    alone = made(settings, tmp_path / "one")
    with local_workers(3) as workers:
        assert made(settings, tmp_path / "three", workers) == alone


def test_a_killed_preparation_goes_on_with_the_same_bytes(settings: ClinicalSettings, tmp_path: Path) -> None:
    whole = made(settings, tmp_path / "whole")
    script = (
        "import sys; from pathlib import Path\n"
        "from stillroom.data.prepare.build import prepare\n"
        "from stillroom.data.prepare.settings.corpus import ClinicalSettings\n"
        "from stillroom.data.prepare.workers import local_workers\n"
        "if __name__ == '__main__':\n"
        "    settings = ClinicalSettings.model_validate_json(sys.argv[1])\n"
        "    with local_workers(2) as workers:\n"
        "        prepare(settings, Path(sys.argv[2]) / 'out', Path(sys.argv[2]) / 'work', workers)\n"
    )
    (tmp_path / "run.py").write_text(script)
    home = tmp_path / "killed"
    command = [sys.executable, str(tmp_path / "run.py"), settings.model_dump_json(), str(home)]
    process = subprocess.Popen(command, start_new_session=True)
    while not list((home / "work").glob("01-*/*.json")) and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    shutil.rmtree(home / "out", ignore_errors=True)
    assert made(settings, home) == whole


def test_a_source_that_vanishes_is_told_and_what_is_done_is_kept(
    settings: ClinicalSettings, tmp_path: Path
) -> None:
    exam = Path(settings.folder or "") / "exam"
    exam.rename(tmp_path / "aside")
    with pytest.raises(DataError, match=r"1 of 2 sources are not there: exam"):
        made(settings, tmp_path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('{"prompt": "cut', "no JSON"),
        ("[1, 2]", "no JSON object"),
        (json.dumps({"text": "no such columns"}), "none of the columns prompt, instruction, question"),
        ('{"prompt": "What?", "response": NaN}', "'response' is NaN, no text"),
        (json.dumps({"prompt": "What?", "response": "x" * 10_000_000}), "longer than 4 MiB"),
        (json.dumps({"prompt": "What?", "response": "x" * 2_000_000}), "more than 1000000 characters"),
        (json.dumps(row(3)), "an identifier again"),
    ],
)
def test_bad_rows_are_listed_with_their_reason(
    settings: ClinicalSettings, tmp_path: Path, bad: str, reason: str
) -> None:
    with (Path(settings.folder or "") / "notes" / "rows.jsonl").open("a") as file:
        file.write(bad + "\n")
    loose = allowing(settings, 0.05)
    first = json.loads(made(loose, tmp_path)["left_out.jsonl"].splitlines()[0])
    assert (first["stage"], first["source"], first["reason"]) == ("read", "notes", reason)
    with pytest.raises(DataError, match=f"1 malformed of 121 rows: 1 with {re.escape(reason)}"):
        made(allowing(settings, 0.0), tmp_path / "strict")


def test_mixed_encodings_are_listed(settings: ClinicalSettings, tmp_path: Path) -> None:
    with (Path(settings.folder or "") / "notes" / "rows.jsonl").open("ab") as file:
        file.write(json.dumps(row(300, response="Ménière"), ensure_ascii=False).encode("latin-1") + b"\n")
    loose = allowing(settings, 0.05)
    assert json.loads(made(loose, tmp_path)["left_out.jsonl"].splitlines()[0])["reason"] == "not UTF-8"


def test_an_empty_file_ends_the_run(settings: ClinicalSettings, tmp_path: Path) -> None:
    (Path(settings.folder or "") / "exam" / "rows.jsonl").write_text("")
    with pytest.raises(DataError, match=r"source 'exam' has 1 malformed of 1 rows: 1 with an empty file"):
        made(settings, tmp_path)


def test_stages_can_be_left_out(settings: ClinicalSettings, tmp_path: Path) -> None:
    off = dict.fromkeys(("clean", "truncate", "deduplicate", "mix"))
    made(settings.model_copy(update=off), tmp_path)
    facts = json.loads((tmp_path / "out" / "datasheet.json").read_text())
    assert not {step["stage"] for step in facts["stages"]} & set(off)


def test_more_rows_move_none_to_another_split(settings: ClinicalSettings, tmp_path: Path) -> None:
    made(settings, tmp_path / "before")
    with (Path(settings.folder or "") / "notes" / "rows.jsonl").open("a") as file:
        file.write("".join(json.dumps(row(n)) + "\n" for n in range(1000, 1100)))
    made(settings, tmp_path / "after")
    before, after = (
        {
            row.id: split
            for split, rows in load_saved(tmp_path / name / "out/corpus").splits.items()
            for row in rows
        }
        for name in ("before", "after")
    )
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_the_corpus_depends_on_the_content_of_its_sources(settings: ClinicalSettings) -> None:
    before = content(settings)
    assert set(before) == {"notes/rows.jsonl", "exam/rows.jsonl"}
    with (Path(settings.folder or "") / "exam" / "rows.jsonl").open("a") as file:
        file.write(json.dumps(row(900)) + "\n")
    changed = content(settings)
    assert [name for name in before if before[name] != changed[name]] == ["exam/rows.jsonl"]


def test_it_is_loaded_like_every_corpus(settings: ClinicalSettings) -> None:
    corpus = load(settings)
    assert corpus.name == "made"
    assert all(corpus.splits.values())
