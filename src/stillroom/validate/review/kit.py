"""A review kit: a spreadsheet and a page for the raters, and a key that stays with who asks."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np

from stillroom.types import DataError
from stillroom.types.files import fingerprint, write_json, write_text
from stillroom.validate.review.rubric import KNOWN_WRONG, QUESTIONS, ReviewItem

SHEET, PAGE, KEY = "review.csv", "review.html", "key.json"
COLUMNS = ("answer_id", "question", "reference", "answer", *QUESTIONS, "remark")


@dataclass(frozen=True, slots=True)
class Blinded:
    """An answer as a rater sees it; ``answer_id`` tells nothing of who gave it."""

    answer_id: str
    item: ReviewItem
    who: str

    @property
    def answer(self) -> str:
        """What was answered."""
        return self.item.answers[self.who]


def blinded(items: Sequence[ReviewItem], seed: int) -> list[Blinded]:
    """Put all answers into an order of their own: neither the place of an item nor that of a model within it tells who.

    The test item is among them. Items stay together, so that a question is read once.

    Raises:
        DataError: an item again, or one without an answer.
    """
    ids = [item.id for item in items]
    if not items or len(set(ids)) < len(ids) or not all(item.answers for item in items):
        raise DataError(
            f"{len(items)} items, {len(set(ids))} different, {sum(not item.answers for item in items)} without answers",
            "different items with answers",
            "choose other items",
        )
    random = np.random.default_rng(seed)
    ordered = [[*items, KNOWN_WRONG][at] for at in random.permutation(len(items) + 1)]
    pairs = [(item, who) for item in ordered for who in random.permutation(sorted(item.answers)).tolist()]
    return [Blinded(f"a{at:04}", item, who) for at, (item, who) in enumerate(pairs, 1)]


def write_kit(items: Sequence[ReviewItem], folder: Path, *, seed: int, title: str) -> list[Blinded]:
    """Write a kit: ``review.csv`` and ``review.html`` to send out, ``key.json`` to keep.

    Every file is private to its owner, since questions may come from patients' records.

    Args:
        items: questions and answers.
        folder: where to; it may exist.
        seed: of the order.
        title: what raters are told it is about; it should not name a model.

    Raises:
        DataError: no items, or one twice.
        StorageError: the folder is not writable.
    """
    answers = blinded(items, seed)
    sheet = _sheet(answers)
    write_text(folder / SHEET, sheet)
    write_text(folder / PAGE, _page(answers, title, fingerprint(sheet)))
    key = {answer.answer_id: {"item": answer.item.id, "who": answer.who} for answer in answers}
    write_json(folder / KEY, {"form": fingerprint(sheet), "seed": seed, "answers": key})
    return answers


def _sheet(answers: Sequence[Blinded]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for answer in answers:
        told = (answer.item.prompt, answer.item.reference, answer.answer)
        writer.writerow([answer.answer_id, *map(_no_formula, told), *[""] * (len(QUESTIONS) + 1)])
    return text.getvalue()


def _no_formula(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text


def _page(answers: Sequence[Blinded], title: str, form: str) -> str:
    """A page that works from a disk: choices stay in the reader's browser until they are saved as a sheet."""
    folder = files("stillroom.validate.review")
    parts = {
        "@TITLE@": escape(title),
        "@FORM@": escape(form),
        "@COLUMNS@": json.dumps(["answer_id", *QUESTIONS, "remark"]),
        "@ITEMS@": "\n".join(_fieldset(answer, at, len(answers)) for at, answer in enumerate(answers, 1)),
    }
    page = (folder / "form.html").read_text(encoding="utf-8")
    for mark, text in parts.items():
        page = page.replace(mark, text)
    return page


def _fieldset(answer: Blinded, at: int, of: int) -> str:
    name = escape(answer.answer_id, quote=True)
    questions = "\n".join(
        f"<fieldset><legend>{escape(question)}</legend>"
        + " ".join(
            f'<label><input type="radio" name="{name}-{column}" value="{escape(choice, quote=True)}"> '
            f"{escape(choice)}</label>"
            for choice in choices
        )
        + "</fieldset>"
        for column, (question, choices) in QUESTIONS.items()
    )
    return (
        f'<section data-answer="{name}"><h2>Answer {at} of {of}</h2>'
        f"<h3>Question</h3><p>{escape(answer.item.prompt)}</p><h3>Reference</h3><p>{escape(answer.item.reference)}</p>"
        f'<h3>Answer to judge</h3><p class="answer">{escape(answer.answer)}</p>{questions}'
        f'<label class="remark">Remark <input type="text" name="{name}-remark"></label></section>'
    )
