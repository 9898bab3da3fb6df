"""XML files: items one by one, and nothing that they could do to the reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from stillroom.data.prepare.adapter import Malformed
from stillroom.data.prepare.raw.record import Record
from stillroom.data.prepare.raw.xml_items import xml_items


def names(root: Element) -> Iterator[Mapping[str, Any]]:
    return ({"name": element.text} for element in root.iter("name"))


def test_items_are_numbered(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<all><name>one</name><name>two</name></all>")
    assert list(xml_items(tmp_path / "a.xml", names)) == [
        Record("a.xml", 1, {"name": "one"}),
        Record("a.xml", 2, {"name": "two"}),
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [("<all><name>one</name>", "ParseError"), ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "ValueError")],
)
def test_a_broken_or_a_dangerous_file_is_told(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "a.xml").write_text(text)
    assert list(xml_items(tmp_path / "a.xml", names)) == [
        Malformed("a.xml:1", f"the file cannot be read on ({error})")
    ]


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    (only,) = xml_items(tmp_path / "none.xml", names)
    assert isinstance(only, Malformed)
