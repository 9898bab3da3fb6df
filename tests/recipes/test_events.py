from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from stillroom.recipes.events import EventLog


def test_lines_are_added_and_never_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "run" / "events.jsonl"
    EventLog(path)("prepare", "started")
    first = path.read_text()
    EventLog(path)("prepare", "finished", {"rows": 5})
    assert path.read_text().startswith(first)
    event = json.loads(path.read_text().splitlines()[1])
    assert (event["stage"], event["event"], event["figures"]) == ("prepare", "finished", {"rows": 5})
    assert datetime.fromisoformat(event["time"]).utcoffset() is not None


def test_half_a_line_of_a_killed_process_does_not_swallow_the_next(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text('{"time": "20')
    EventLog(path)("prepare", "started")
    half, whole = path.read_text().splitlines()
    assert half == '{"time": "20'
    assert json.loads(whole)["event"] == "started"
