"""Entities are read and scored as seqeval does, in both of its modes."""

from __future__ import annotations

import numpy as np
import pytest

from stillroom.types import DataError
from stillroom.validate.tasks.entities import entities, spans
from stillroom.validate.tasks.measure import measure_summed

TAGS = ["O", "B-Drug", "I-Drug", "B-Disease", "I-Disease"]


def sentences(seed: int, many: int = 60) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [random.choice(TAGS, size=random.integers(1, 12)).tolist() for _ in range(many)]


def noisy(truth: list[list[str]], seed: int) -> list[list[str]]:
    random = np.random.default_rng(seed)
    return [[tag if random.random() < 0.8 else str(random.choice(TAGS)) for tag in tags] for tags in truth]


@pytest.mark.parametrize("strict", [True, False])
def test_scores_are_seqevals(strict: bool) -> None:
    seqeval = pytest.importorskip("seqeval.metrics", reason="seqeval is not installed")
    from seqeval.scheme import IOB2

    mode = {"mode": "strict", "scheme": IOB2} if strict else {}
    truth = sentences(0)
    predicted = noisy(truth, 1)
    evidence = measure_summed(
        {"student": entities(predicted, truth, strict=strict)}, [str(at) for at in range(60)], repeats=100
    )
    report = seqeval.classification_report(truth, predicted, output_dict=True, **mode)
    parts = {"": "micro avg", "/class:Drug": "Drug", "/class:Disease": "Disease"}
    for part, name in parts.items():
        for ours, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            found = evidence.value(f"entity_{ours}{part}", "student").value
            assert found == pytest.approx(report[name][theirs])


@pytest.mark.parametrize(
    ("tags", "strict", "found"),
    [
        (["B-A", "I-A", "O"], True, {("A", 0, 2)}),
        (["B-A", "B-A"], True, {("A", 0, 1), ("A", 1, 2)}),
        (["B-A", "I-B"], True, {("A", 0, 1)}),
        (["B-A", "I-B"], False, {("A", 0, 1), ("B", 1, 2)}),
        (["O", "I-A", "I-A"], True, set()),
        (["O", "I-A", "I-A"], False, {("A", 1, 3)}),
        (["B-A"], True, {("A", 0, 1)}),
        ([], True, set()),
    ],
)
def test_entities_are_read_from_tags(tags: list[str], strict: bool, found: set[tuple[str, int, int]]) -> None:
    assert spans(tags, strict=strict) == found


def test_an_entity_with_another_end_is_a_miss_and_a_false_alarm() -> None:
    measures = entities([["B-A", "I-A", "O"]], [["B-A", "O", "O"]])
    assert measures[2].columns.tolist() == [[0.0, 1.0, 1.0]]


def test_another_number_of_tags_is_refused() -> None:
    with pytest.raises(DataError, match="sentence 1: 1 tags for 2"):
        entities([["O"], ["O"]], [["O"], ["O", "O"]])
