from __future__ import annotations

from pathlib import Path

import pytest

from stillroom.cli.tables import print_result, print_table
from stillroom.recipes import RunResult
from stillroom.types import SUBJECTS, Evidence, Metric


def test_cells_are_text_and_never_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "value"), [("[red]alpha[/]", "[0, 1]")])
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "value"]
    assert row.split(maxsplit=1) == ["[red]alpha[/]", "[0, 1]"]


def test_a_finished_run_shows_all_five_subjects_its_cost_and_the_report(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    metrics = tuple(
        Metric("perplexity", "test", subject, 10.5 + index, 9.0, 20.0, 400, "", False)
        for index, subject in enumerate(SUBJECTS)
    )
    print_result(RunResult(Path("runs/x"), Evidence(metrics), Path("runs/x/report.html"), 600.0, 2**30))
    shown = capsys.readouterr().out
    assert all(f"{10.5 + index:.1f}" in shown for index in range(len(SUBJECTS)))
    assert shown.splitlines()[-1] == "10.0 min, peak memory 1.00 GiB; report: runs/x/report.html"
