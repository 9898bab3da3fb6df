from __future__ import annotations

import sys
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

import pytest

ROOM = """
from stillroom.types.lazy import lazy
__getattr__, __dir__, __all__ = lazy(__name__, {"fit": "fit", "Record": "record"})
"""


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "a_lazy_room"
    folder.mkdir()
    (folder / "__init__.py").write_text(ROOM)
    (folder / "fit.py").write_text("def fit(): return 'fitted'\nclass Hidden: ...\n")
    (folder / "record.py").write_text("class Record: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    invalidate_caches()
    for name in [name for name in sys.modules if name.startswith("a_lazy_room")]:
        monkeypatch.delitem(sys.modules, name)
    return import_module("a_lazy_room")


def test_a_member_is_imported_on_first_use_only(room: ModuleType) -> None:
    assert "a_lazy_room.record" not in sys.modules
    assert room.Record.__name__ == "Record"
    assert "a_lazy_room.record" in sys.modules
    assert room.Record is room.Record


def test_a_function_keeps_its_name_when_its_module_of_the_same_name_is_imported(room: ModuleType) -> None:
    module = import_module("a_lazy_room.fit")
    assert room.fit() == "fitted"
    assert sys.modules["a_lazy_room.fit"] is module
    assert module.Hidden


def test_members_are_listed_and_others_refused(room: ModuleType) -> None:
    assert dir(room) == room.__all__ == ["Record", "fit"]
    with pytest.raises(AttributeError, match="has no attribute 'missing'"):
        room.missing  # noqa: B018
