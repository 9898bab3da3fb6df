from __future__ import annotations

import pyarrow as pa
import pytest

from stillroom.data.prepare.stages.deidentify.held_out_forms import HELD_OUT
from stillroom.data.prepare.stages.deidentify.planted_forms import KNOWN, Forms
from stillroom.data.prepare.stages.deidentify.planting import measure, plant

LEAST = {"name": 0.85, "date": 0.98, "mrn": 0.98, "phone": 0.98, "address": 0.95, "age": 0.98}
"""Recall by kind that a change may not fall below; the measured values stand in docs/deidentification.md."""


@pytest.mark.parametrize("forms", [KNOWN, HELD_OUT])
def test_recall_on_planted_identifiers(dialogues: pa.Table, forms: Forms) -> None:
    measured = measure(dialogues["response"].to_pylist()[:600], forms, 0)
    recalls = {one.kind: one.recall for one in measured.recalls}
    assert {kind: recalls[kind] for kind in LEAST if recalls[kind] < LEAST[kind]} == {}  # type: ignore[index]


def test_what_is_planted_stands_where_it_says() -> None:
    texts = ["One sentence. Another.", "", "Line\nline"] * 80
    planted = list(plant(texts, KNOWN, 0))
    assert planted == list(plant(texts, KNOWN, 0)) != list(plant(texts, KNOWN, 1))
    for one in planted:
        value = one.text[one.span.start : one.span.stop]
        before, _, after = one.form.partition("<")[2].partition(">")
        assert value
        assert "{" not in one.text.replace("{", "", 0) or "{" in before + after


def test_recognisers_that_find_nothing_measure_nothing() -> None:
    measured = measure(
        ["Plain text here."], Forms(("Q",), ("Zq",), ("s",), ("c",), ("t",), {"name": ("so <qqq> is",)}), 0
    )
    assert measured.recalls[0].whole == measured.recalls[0].touched == 0
    assert measured.missed == {"so <qqq> is": 1}
    assert measured.found_per_1000_words == 0


def test_eponyms_and_drugs_survive(abstracts: pa.Table) -> None:
    measured = measure(abstracts["context"].to_pylist()[:100], KNOWN, 0)
    assert measured.found["name"] / measured.words < 0.5 / 1000
