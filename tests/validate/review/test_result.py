"""A review summed up: who erred critically how often, and how far that can be trusted."""

from __future__ import annotations

import json

import pytest

from stillroom.validate.review.filled import Judgement
from stillroom.validate.review.result import review


def judged(rater: str, item: int, who: str, critical: str) -> Judgement:
    return Judgement(rater, f"q{item}", who, {"critical_error": critical})


def two_raters() -> list[Judgement]:
    found = []
    for item in range(20):
        found.append(judged("anna", item, "student", "yes" if item < 5 else "no"))
        found.append(judged("ben", item, "student", "yes" if 3 <= item < 8 else "no"))
        found += [judged(rater, item, "teacher", "no") for rater in ("anna", "ben")]
    return found


def test_any_and_all_raters_and_exact_bounds() -> None:
    found = review(two_raters())
    assert (found.critical["student"].events, found.critical["student"].n) == (8, 20)
    assert (found.critical_all["student"].events, found.critical_all["student"].n) == (2, 20)
    none = found.critical["teacher"]
    assert (none.events, none.low) == (0, 0.0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_the_test_item_counts_for_no_model() -> None:
    known = [judged("anna", 99, "known_wrong", "yes"), judged("ben", 99, "known_wrong", "no")]
    found = review([*two_raters(), *known])
    assert set(found.critical) == {"teacher", "student"}
    assert found.misled == {"anna": 0, "ben": 1}


def test_two_raters_have_cohens_kappa_three_have_fleiss() -> None:
    assert review(two_raters()).agreement["critical_error"].kind == "Cohen"
    third = [judged("cleo", item, who, "no") for item in range(20) for who in ("teacher", "student")]
    found = review([*two_raters(), *third]).agreement["critical_error"]
    assert (found.kind, found.answers, found.raters) == ("Fleiss", 40, 3)


def test_one_rater_has_no_agreement() -> None:
    assert review([judged("anna", item, "student", "no") for item in range(5)]).agreement == {}


def test_is_plain_data() -> None:
    assert json.loads(json.dumps(review(two_raters()).to_dict()))["critical"]["student"]["events"] == 8
