"""The page of the sources is the one that the registry gives."""

from __future__ import annotations

from types import ModuleType

import pytest

from losses.scripts import load
from stillroom.data.prepare.adapters import ADAPTERS


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    return load("docs/data.py")


def test_the_page_is_up_to_date(writer: ModuleType) -> None:
    assert writer.PAGE.read_text(encoding="utf-8") == writer.render(), "run: python docs/data.py"


def test_every_source_is_on_it_with_its_traps(writer: ModuleType) -> None:
    page = writer.render()
    for adapter in ADAPTERS.values():
        assert f"\n## {adapter.name}\n" in page or f"\n- `{adapter.name}`: " in page
        assert all(f"- {trap}\n" in page for trap in adapter.traps)
