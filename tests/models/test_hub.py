"""Models of the hub, from a folder laid out like its local cache; nothing is fetched."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError
from transformers import PreTrainedTokenizerFast

from models.families import language_model
from stillroom.models import ModelSettings, load_teacher
from stillroom.models.hub import hub_source, is_hub_name, snapshot
from stillroom.types import ModelError

NAME, COMMIT = "m42-health/Llama3-Med42-8B", "0123456789abcdef0123456789abcdef01234567"
CARD = "---\nlicense: llama3\n---\n# A model\n"


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tokenizer: PreTrainedTokenizerFast) -> Path:
    """A tiny model in the place of a real one."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--m42-health--Llama3-Med42-8B"
    folder = repository / "snapshots" / COMMIT
    folder.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    language_model("Qwen2", tokenizer).save(folder)
    (folder / "lineage.json").unlink()
    (folder / "README.md").write_text(CARD)
    return folder


def answering(monkeypatch: pytest.MonkeyPatch, answer: Exception | Path) -> list[dict[str, object]]:
    """Stand in for the hub: nothing is cached, and asked for more it answers so."""
    asked: list[dict[str, object]] = []

    def download(name: str, **options: object) -> str:
        asked.append(options)
        if options["local_files_only"]:
            raise LocalEntryNotFoundError("not cached")
        if isinstance(answer, Exception):
            raise answer
        return str(answer)

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    return asked


@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_a_cached_model_is_loaded_with_commit_and_licence(cached: Path, revision: str | None) -> None:
    model = load_teacher(ModelSettings(model=NAME, revision=revision))
    assert type(model.network).__name__ == "Qwen2ForCausalLM"
    (source,) = model.sources
    assert (source.name, source.version, source.licence) == (NAME, f"commit {COMMIT}", "llama3")


def test_switched_off_and_not_cached_is_one_line(cached: Path) -> None:
    with pytest.raises(ModelError, match=r"cannot load a/b: .*switched off.*HF_HUB_OFFLINE=0") as caught:
        snapshot("a/b")
    assert "\n" not in str(caught.value)


def test_a_half_fetched_model_is_not_loaded(cached: Path) -> None:
    (cached / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not whole in the local cache"):
        snapshot(NAME)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GatedRepoError, "access to it must be granted first"),
        (RepositoryNotFoundError, "no such model"),
        (ConnectionError, "cannot be reached"),
    ],
)
def test_what_the_hub_refuses_is_one_line(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception], reason: str
) -> None:
    answering(monkeypatch, error.__new__(error))
    with pytest.raises(ModelError, match=f"cannot load {NAME}: .*{reason}") as caught:
        snapshot(NAME)
    assert "\n" not in str(caught.value)


def test_safetensors_alone_are_asked_for_with_a_token_from_the_environment_alone(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "secret")
    asked = answering(monkeypatch, cached)
    assert snapshot(NAME) == cached
    monkeypatch.delenv("HF_TOKEN")
    snapshot(NAME)
    assert [options["token"] for options in asked] == ["secret", "secret", False, False]
    unwanted = (
        "pytorch_model.bin",
        "modeling_x.py",
        "original/consolidated.00.pth",
        "consolidated.safetensors",
    )
    assert not [
        name for name in unwanted if any(fnmatch(name, pattern) for pattern in asked[0]["allow_patterns"])
    ]


def test_a_model_without_a_card_has_no_stated_licence(tmp_path: Path) -> None:
    assert hub_source(NAME, tmp_path).licence == "not stated: check before use"


def test_a_folder_comes_before_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs" / "teacher").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert not is_hub_name("runs/teacher")
    assert not is_hub_name("../teacher")


def test_a_revision_is_the_hub_s_alone() -> None:
    with pytest.raises(ModelError, match="leave the revision out"):
        load_teacher(ModelSettings(model="smollm2-135m-instruct", revision="main"))
