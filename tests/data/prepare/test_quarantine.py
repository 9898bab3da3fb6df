"""What cannot be read is listed, and too much of it ends the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.quarantine import Limit, Quarantine
from stillroom.types import DataError

BAD = Malformed("a.jsonl:3", "no JSON")


def test_every_row_is_listed_with_its_place_and_reason(tmp_path: Path) -> None:
    quarantine = Quarantine("mine", Limit(share=1.0))
    with quarantine.kept(tmp_path / "list.jsonl"):
        quarantine.add(BAD, 3)
    assert json.loads((tmp_path / "list.jsonl").read_text()) == {
        "source": "mine",
        "where": "a.jsonl:3",
        "reason": "no JSON",
    }
    assert quarantine.reasons == {"no JSON": 1}


def test_too_large_a_share_is_refused_when_enough_was_seen(tmp_path: Path) -> None:
    quarantine = Quarantine("mine", Limit(share=0.01))
    for place in range(1, 11):
        quarantine.add(BAD, place)
    with pytest.raises(
        DataError, match=r"'mine' has 11 malformed of 11 rows: 11 with no JSON; expected at most 1.0%"
    ):
        quarantine.add(BAD, 11)


def test_at_the_end_the_share_is_that_of_all_rows() -> None:
    quarantine = Quarantine("mine", Limit(share=0.1))
    quarantine.add(BAD, 1)
    quarantine.finish(sound=9)
    with pytest.raises(DataError, match="1 malformed of 9 rows"):
        quarantine.finish(sound=8)


def test_a_number_of_rows_can_be_the_limit() -> None:
    quarantine = Quarantine("mine", Limit(share=1.0, rows=1))
    quarantine.add(BAD, 1)
    with pytest.raises(DataError, match=r"expected at most 100.0% and 1 rows"):
        quarantine.add(BAD, 2)


@pytest.mark.parametrize("share", [0.0, 0.99])
def test_a_source_without_rows_is_malformed(share: float) -> None:
    with pytest.raises(DataError, match="a source without rows"):
        Quarantine("mine", Limit(share)).finish(sound=0)


def test_the_list_stays_when_the_source_is_refused(tmp_path: Path) -> None:
    quarantine = Quarantine("mine", Limit(share=0.0))
    with pytest.raises(DataError, match=r"list\.jsonl"), quarantine.kept(tmp_path / "list.jsonl"):
        quarantine.add(BAD, 3)
    assert "no JSON" in (tmp_path / "list.jsonl").read_text()
