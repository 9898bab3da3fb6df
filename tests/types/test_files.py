from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from stillroom.types import StorageError
from stillroom.types.files import (
    atomic_dir,
    atomic_file,
    canonical_json,
    file_sha256,
    fingerprint,
    storage_errors,
    write_json,
    write_text,
)


def test_a_fingerprint_ignores_the_order_of_keys_only() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 1.5})
    assert fingerprint([1, 2]) != fingerprint([2, 1])


def test_numbers_that_are_none_have_no_fingerprint() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json(float("nan"))


def test_a_file_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "result.txt"
    with atomic_file(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failure_leaves_the_file_before_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "result.txt"
    write_text(path, "before")

    def fail() -> None:
        with atomic_file(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_takes_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    with atomic_dir(path) as temporary:
        (temporary / "part").mkdir()
        (temporary / "part" / "one.txt").write_text("1")
        assert not path.exists()
    with atomic_dir(path) as temporary:
        (temporary / "two.txt").write_text("2")
    assert [file.name for file in path.iterdir()] == ["two.txt"]
    assert (path / "two.txt").stat().st_mode & 0o777 == 0o600


def test_a_failed_folder_leaves_the_one_before_and_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    with atomic_dir(path) as temporary:
        (temporary / "one.txt").write_text("1")

    def fail() -> None:
        with atomic_dir(path) as temporary:
            (temporary / "half.txt").write_text("half")
            raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        fail()
    assert [file.name for file in path.iterdir()] == ["one.txt"]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_full_or_locked_disk_is_one_line(tmp_path: Path, number: int) -> None:
    line = r"cannot write .*result: .*To fix: free some space"
    with pytest.raises(StorageError, match=line), storage_errors(tmp_path / "result"):
        raise OSError(number, "whatever")


def test_other_errors_of_the_system_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError), storage_errors(tmp_path):
        tmp_path.read_text()


def test_json_is_readable_and_refuses_what_is_no_number(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    write_json(path, {"name": "Ménière", "share": 0.5})
    assert path.read_text(encoding="utf-8") == '{\n  "name": "Ménière",\n  "share": 0.5\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"share": float("inf")})
    assert path.read_text(encoding="utf-8").startswith('{\n  "name"')


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"x" * 3_000_000)
    assert file_sha256(path) == hashlib.sha256(b"x" * 3_000_000).hexdigest()
