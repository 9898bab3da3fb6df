from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillroom.recipes.suite.splits import hashes, verify
from stillroom.types import SPLITS, Corpus, DataError, Example
from stillroom.types.cases import Case, Cohort, Head


def cohort() -> Cohort:
    cases = [Case(f"c{n}", f"g{n}", {"x": np.full(2, n, np.float32)}, np.asarray(n % 2)) for n in range(6)]
    splits = {split: tuple(cases[2 * at : 2 * at + 2]) for at, split in enumerate(SPLITS)}
    return Cohort("made", (), Head("classes", ("no", "yes")), {}, splits, {}, {}, "by hand")


def with_test(of: Cohort, *cases: Case) -> Cohort:
    return replace(of, splits={**of.splits, "test": cases})


def test_the_order_of_cases_does_not_matter() -> None:
    first, second = cohort().splits["test"]
    assert hashes(with_test(cohort(), second, first)) == hashes(cohort())


@pytest.mark.parametrize("change", [{"target": np.asarray(1)}, {"group": "other"}, {"id": "other"}])
def test_a_changed_truth_group_or_name_is_another_split(change: dict[str, object]) -> None:
    first, second = cohort().splits["test"]
    changed = with_test(cohort(), replace(first, **change), second)  # type: ignore[arg-type]
    assert hashes(changed)["test"] != hashes(cohort())["test"]
    assert hashes(changed)["train"] == hashes(cohort())["train"]


def test_a_changed_split_is_refused_in_one_line() -> None:
    wanted = hashes(cohort())
    verify("task", cohort(), wanted)
    with pytest.raises(
        DataError, match="task: the test split of made is another than the suite's"
    ) as refused:
        verify("task", with_test(cohort(), cohort().splits["test"][0]), wanted)
    assert "\n" not in str(refused.value)
    assert wanted["test"][:12] in str(refused.value)


def test_a_corpus_is_hashed_by_its_text() -> None:
    row = Example("q1", "Name it.", "It.", "definition", "", "basic", "g1")
    one = Corpus("made", (), dict.fromkeys(SPLITS, (row,)), {})
    other = Corpus("made", (), dict.fromkeys(SPLITS, (replace(row, response="That."),)), {})
    assert hashes(one)["test"] != hashes(other)["test"]
