from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from stillroom.export import Bundle
from stillroom.export.manifest import MANIFEST, list_files
from stillroom.types import ExportError


@pytest.fixture
def copy(bundle: Bundle, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle.path, tmp_path / "copy"))


def change_a_byte(root: Path) -> None:
    path = root / "q8_0" / "model.gguf"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def shorten(root: Path) -> None:
    os.truncate(root / "float" / "model.safetensors", 100)


def remove(root: Path) -> None:
    (root / "NOTICE").unlink()


def add(root: Path) -> None:
    (root / "q8_0" / "extra.bin").write_bytes(b"")


def add_hidden(root: Path) -> None:
    (root / ".extra").write_bytes(b"")


def link_a_file(root: Path) -> None:
    target = root.parent / "elsewhere"
    shutil.move(root / "NOTICE", target)
    (root / "NOTICE").symlink_to(target)


def link_a_folder(root: Path) -> None:
    target = root.parent / "elsewhere"
    shutil.move(root / "float", target)
    (root / "float").symlink_to(target)


def link_the_manifest(root: Path) -> None:
    target = root.parent / "elsewhere"
    shutil.move(root / MANIFEST, target)
    (root / MANIFEST).symlink_to(target)


def pipe(root: Path) -> None:
    os.mkfifo(root / "pipe")


def drop_the_manifest(root: Path) -> None:
    (root / MANIFEST).unlink()


def edit_the_manifest(**changes: object) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        content = json.loads((root / MANIFEST).read_text())
        (root / MANIFEST).write_text(json.dumps(content | changes))

    return edit


def break_the_manifest(root: Path) -> None:
    (root / MANIFEST).write_text('{"format": 1')


@pytest.mark.parametrize(
    ("tamper", "message"),
    [
        (change_a_byte, "q8_0/model.gguf has been changed"),
        (shorten, "float/model.safetensors has been changed"),
        (remove, "NOTICE is missing"),
        (add, "q8_0/extra.bin is not in the manifest"),
        (add_hidden, ".extra is not in the manifest"),
        (link_a_file, "NOTICE is a link or a device"),
        (link_a_folder, "float is a link or a device"),
        (link_the_manifest, "has no manifest.json"),
        (pipe, "pipe is a link or a device"),
        (drop_the_manifest, "has no manifest.json"),
        (break_the_manifest, "manifest.json is damaged"),
        (edit_the_manifest(format=2), "a bundle of format 2; expected format 1 or earlier"),
        (edit_the_manifest(format="1"), "manifest.json is damaged"),
        (edit_the_manifest(files={"../NOTICE": {"bytes": 1, "sha256": "0" * 64}}), "../NOTICE is missing"),
        (edit_the_manifest(surprise=1), "manifest.json is damaged"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_bundle_that_was_tampered_with_is_refused(
    copy: Path, tamper: Callable[[Path], None], message: str
) -> None:
    tamper(copy)
    with pytest.raises(ExportError) as caught:
        Bundle.open(copy)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bundle_may_be_moved(copy: Path) -> None:
    Bundle.open(copy.rename(copy.with_name("moved")))


def test_every_file_but_the_manifest_is_listed_with_its_size(copy: Path) -> None:
    files = list_files(copy)
    assert files == Bundle.open(copy).manifest.files
    assert MANIFEST not in files
    for name, file in files.items():
        assert file.bytes == (copy / name).stat().st_size
