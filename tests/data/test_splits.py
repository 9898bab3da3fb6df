from __future__ import annotations

from collections import Counter

import pytest

from stillroom.data.splits import split_of

GROUPS = [f"HP:{number:07d}" for number in range(20_000)]


def test_shares_are_kept() -> None:
    found = Counter(split_of(group, validation_share=0.1, test_share=0.2) for group in GROUPS)
    shares = {split: count / len(GROUPS) for split, count in found.items()}
    assert shares == pytest.approx({"train": 0.7, "validation": 0.1, "test": 0.2}, abs=0.01)


def test_a_larger_validation_share_takes_from_train_only() -> None:
    before = {group: split_of(group, 0.1, 0.2) for group in GROUPS}
    after = {group: split_of(group, 0.15, 0.2) for group in GROUPS}
    moved = {(before[group], after[group]) for group in GROUPS if before[group] != after[group]}
    assert moved == {("train", "validation")}
