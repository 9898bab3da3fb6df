from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stillroom.export.openvino_graph import compile_graph, openvino
from stillroom.types import ExportError, MissingExtraError


def test_importing_openvino_tells_nobody_and_writes_nothing(empty_home: Path) -> None:
    """A fresh process, since another test may have imported it already."""
    script = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('a socket was opened')\n"
        "socket.socket = socket.create_connection = refuse\n"
        "from stillroom.export.openvino_graph import openvino\n"
        "openvino().Core()\n"
        "assert sys.modules['openvino_telemetry'] is None\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    assert list(empty_home.iterdir()) == []


def test_without_openvino_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino_genai", None)
    with pytest.raises(MissingExtraError, match=r"stillroom\[export\]"):
        openvino()


def test_a_file_that_is_no_graph_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "openvino_model.xml").write_text("<net")
    with pytest.raises(ExportError, match=r"cannot read openvino_model\.xml") as caught:
        compile_graph(tmp_path / "openvino_model.xml", "f32")
    assert "\n" not in str(caught.value)
