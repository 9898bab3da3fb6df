"""MeQSum: messages with one summary are of one concept."""

from __future__ import annotations

from pathlib import Path

from adapted import adapted
from shared_data import shared_data
from stillroom.data.prepare.sources.meqsum import ADAPTER


def test_the_real_file_has_a_thousand_messages() -> None:
    made = adapted(ADAPTER, shared_data("meqsum"))
    assert made.by("split", "task") == {("", "summarisation"): 1000}
    assert not made.reasons


def test_real_messages_that_share_their_summary_share_their_concept() -> None:
    shared = [count for count in adapted(ADAPTER, shared_data("meqsum")).by("concept").values() if count > 1]
    assert (len(shared), sum(shared)) == (5, 13)


def test_the_release_saved_as_csv_is_read(tmp_path: Path) -> None:
    text = 'File,CHQ,Summary\n11.txt,"SUBJECT: gout\nWhat, please, helps?",What helps against gout?\n'
    (tmp_path / "MeQSum_ACL2019.csv").write_text(text)
    (row,) = adapted(ADAPTER, tmp_path).rows
    assert row["id"] == "meqsum/11.txt"
    assert row["context"] == "SUBJECT: gout\nWhat, please, helps?"
    assert row["response"] == "What helps against gout?"
