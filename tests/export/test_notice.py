from __future__ import annotations

from stillroom.export.notice import notice

from .conftest import DATA, SOURCE


def test_every_source_is_named_with_version_licence_and_citation() -> None:
    text = notice("tiny student", (SOURCE,), (DATA,))
    model, data = text.split("Trained on:")
    for part, source in ((model, SOURCE), (data, DATA)):
        for fact in (f"{source.name} {source.version}", source.licence, source.url, source.citation):
            assert fact in part


def test_changes_and_intended_use_are_stated() -> None:
    text = notice("tiny student", (SOURCE,), ())
    assert "which have been changed" in text
    assert "never an autonomous diagnosis" in text
