from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stillroom.export import Bundle, peak_memory_bytes
from stillroom.types import ExportError


def test_a_fresh_process_answers_without_pytorch_and_takes_less_memory_so(bundle: Bundle) -> None:
    runtime = peak_memory_bytes(bundle.path, "q8_0", [5, 6, 7], 3)
    in_pytorch = peak_memory_bytes(bundle.path, "float", [5, 6, 7], 3)
    assert 20e6 < runtime < in_pytorch


def test_a_bundle_that_does_not_open_is_told_in_one_line(bundle: Bundle, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(bundle.path, tmp_path / "copy"))
    (copy / "extra").write_text("")
    with pytest.raises(ExportError, match="extra is not in the manifest"):
        peak_memory_bytes(copy, "q8_0", [5], 1)
