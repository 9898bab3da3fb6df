"""What a collection writes is told before the teacher runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from signals.blocks import HIDDEN, KINDS, SAMPLED, settings
from stillroom.signals import collect
from stillroom.signals.recording import Recording
from stillroom.signals.seal import seal_of
from stillroom.signals.shard import most_shard_bytes
from stillroom.types import StorageError

ATTENTION = {"layers": (0, 2), "heads": "each", "precision": "uint8"}
OPTIONS = {"layers": (1, 3), "temperature": 1.0, "seed": 0}


@pytest.mark.parametrize("encrypted", [False, True])
@pytest.mark.parametrize("targets", KINDS, ids=lambda targets: targets["kind"])
def test_the_size_of_a_shard_is_known_beforehand(
    teacher, rows, tmp_path: Path, monkeypatch, targets, encrypted
) -> None:
    monkeypatch.setenv("SIGNAL_KEY", "5a" * 32)
    encryption = {"key_variable": "SIGNAL_KEY"} if encrypted else None
    block = settings(targets, attention=ATTENTION, encryption=encryption, shard_tokens=10**6)
    collected = collect(teacher, rows, tmp_path, block, **OPTIONS)
    recording = Recording.of(teacher, block, **OPTIONS)
    most = most_shard_bytes(rows, recording, seal_of(block.encryption))
    assert collected.bytes <= most
    assert targets == SAMPLED or collected.bytes > 0.995 * most


def test_too_small_a_disk_is_refused_and_what_is_finished_does_not_count(
    teacher, rows, tmp_path: Path, monkeypatch
) -> None:
    collected = collect(teacher, rows, tmp_path / "whole", settings(HIDDEN))
    usage = shutil.disk_usage("/")._replace(free=collected.bytes // 2)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match="GB free for signals in"):
        collect(teacher, rows, tmp_path / "again", settings(HIDDEN))
    assert not list((tmp_path / "again").glob("shard-*"))
    (tmp_path / "whole" / "index.json").unlink()
    assert collect(teacher, rows, tmp_path / "whole", settings(HIDDEN)) == collected
