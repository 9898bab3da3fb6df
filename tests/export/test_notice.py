from __future__ import annotations

from dataclasses import replace

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


def test_a_student_that_descends_from_no_model_says_nothing_of_models() -> None:
    assert "Derived from" not in notice("tiny student", (), (DATA,))


def test_what_a_licence_asks_is_told() -> None:
    text = notice("tiny student", (SOURCE,), (replace(DATA, terms=("share-alike", "non-commercial")),))
    assert text.count("It asks:") == 1
    assert "It asks: share-alike, non-commercial" in text
