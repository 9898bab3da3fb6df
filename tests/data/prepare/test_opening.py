"""All sources are found before the first is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prepared import ABOUT, Given
from stillroom.data.prepare.adapter import Adapter
from stillroom.data.prepare.opening import opened
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.types import DataError

PLAIN = Adapter("plain", ABOUT, "", "open", frozenset({"attribution"}), Given(()), folder="plain_v2")
ADAPTERS = {"plain": PLAIN, "other": replace(PLAIN, name="other", folder="")}


def settings(folder: Path | None, **sources: Any) -> ClinicalSettings:
    return ClinicalSettings.model_validate(
        {
            "source": "clinical",
            "name": "c",
            "folder": None if folder is None else str(folder),
            "sources": sources,
        }
    )


def test_sources_lie_in_the_folder_under_their_own_names_or_where_they_say(tmp_path: Path) -> None:
    for name in ("plain_v2", "mine", "elsewhere"):
        (tmp_path / name).mkdir()
    chosen = settings(
        tmp_path,
        plain={},
        mine={"adapter": "other"},
        third={"adapter": "plain", "path": str(tmp_path / "elsewhere"), "use": "benchmark"},
        fourth=None,
    )
    found = opened(chosen, ADAPTERS)
    assert [(source.name, source.path.name, source.use) for source in found] == [
        ("plain", "plain_v2", "learn"),
        ("mine", "mine", "learn"),
        ("third", "elsewhere", "benchmark"),
    ]


def test_an_installed_package_needs_no_folder(tmp_path: Path) -> None:
    adapters = {"plain": replace(PLAIN, locate=lambda: tmp_path)}
    assert opened(settings(None, plain={}), adapters)[0].path == tmp_path


def test_all_that_are_missing_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError, match=r"2 of 3 sources are not there: plain, more; nothing at .*plain_v2"):
        opened(settings(tmp_path, plain={}, other={}, more={"adapter": "other"}), ADAPTERS)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"plian": {}}, "unknown adapter 'plian'.* did you mean 'plain'"),
        ({"plain": {}}, "'plain' has no path, and there is no corpus.folder"),
        ({"plain": None}, "no source is left"),
    ],
)
def test_what_cannot_be_found_is_told(sources: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        opened(settings(None, **sources), ADAPTERS)


def test_a_recipe_can_state_provenance_and_add_terms(tmp_path: Path) -> None:
    about = {"name": "Mine", "version": "2", "licence": "CC-BY-SA-4.0", "url": "", "citation": "me"}
    (source,) = opened(
        settings(None, plain={"path": str(tmp_path), "about": about, "terms": ["share_alike"]}), ADAPTERS
    )
    assert (source.adapter.about.name, source.adapter.about.licence) == ("Mine", "CC-BY-SA-4.0")
    assert source.adapter.about.terms == ("attribution", "share_alike")
