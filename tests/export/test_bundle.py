from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stillroom.export import Bundle
from stillroom.types import ExportError


@pytest.fixture
def copy(bundle: Bundle, tmp_path: Path) -> Bundle:
    return Bundle.open(Path(shutil.copytree(bundle.path, tmp_path / "copy")))


def test_the_default_weights_are_used_when_none_are_named(bundle: Bundle) -> None:
    assert bundle.gguf_path() == bundle.gguf_path("q8_0")


def test_weights_that_are_not_there_are_refused_with_the_nearest(bundle: Bundle) -> None:
    with pytest.raises(ExportError, match=r"no weights 'q4_1_0'.*did you mean 'q4_1'"):
        bundle.predictor("q4_1_0")


def test_documents_are_added_under_the_manifest(copy: Bundle) -> None:
    carded = copy.with_documents({"model_card.md": "# Card\n"})
    assert (copy.path / "model_card.md").read_text() == "# Card\n"
    assert Bundle.open(copy.path) == carded
    assert carded.fingerprint != copy.fingerprint
    assert carded.manifest.files.keys() - copy.manifest.files.keys() == {"model_card.md"}


def test_a_document_can_be_replaced(copy: Bundle) -> None:
    copy.with_documents({"model_card.md": "first"}).with_documents({"model_card.md": "second"})
    assert (copy.path / "model_card.md").read_text() == "second"
    Bundle.open(copy.path)


def test_a_bundle_published_elsewhere_leaves_the_first_as_it_was(copy: Bundle, tmp_path: Path) -> None:
    published = copy.with_documents({"model_card.md": "card"}, tmp_path / "published")
    assert Bundle.open(copy.path) == copy
    assert Bundle.open(tmp_path / "published") == published


def test_replacing_a_document_does_not_reach_through_to_a_linked_bundle(copy: Bundle, tmp_path: Path) -> None:
    first = copy.with_documents({"model_card.md": "first"})
    first.with_documents({"model_card.md": "second"}, tmp_path / "published")
    assert (first.path / "model_card.md").read_text() == "first"


@pytest.mark.parametrize("name", ["../card.md", "q8_0/card.md", "manifest.json", "", "/card.md"])
def test_documents_stay_at_the_top_of_the_bundle(copy: Bundle, name: str) -> None:
    with pytest.raises(ExportError, match="a plain file name"):
        copy.with_documents({name: "text"})
    Bundle.open(copy.path)


def test_documents_are_added_whole_or_not_at_all(copy: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("power cut")

    monkeypatch.setattr("stillroom.export.sealing.seal", broken)
    with pytest.raises(OSError, match="power cut"):
        copy.with_documents({"model_card.md": "card"})
    assert Bundle.open(copy.path) == copy
    assert [path.name for path in copy.path.parent.iterdir()] == ["copy"]
