from __future__ import annotations

import pytest

from stillroom.data.prepare.settings.deidentify import DeidentifySettings
from stillroom.data.prepare.stages.deidentify import Deidentify
from stillroom.types import DataError, MissingExtraError

TEXT = "Seen 3/14/2021, call (617) 555-0123, card 4111 1111 1111 1111, from 10.0.0.1, by a@b.com"


def test_without_the_package_the_extra_is_named() -> None:
    try:
        import presidio_analyzer  # noqa: F401
    except ImportError:
        from stillroom.data.prepare.rows import table

        with pytest.raises(MissingExtraError, match=r"stillroom\[presidio\]"):
            Deidentify(DeidentifySettings(presidio=True)).apply(table([]))


def test_its_patterns_are_added_without_a_model_or_network() -> None:
    pytest.importorskip("presidio_analyzer")
    from stillroom.data.prepare.stages.deidentify.presidio import presidio

    found = {(span.kind, TEXT[span.start : span.stop]) for span in presidio(None)(TEXT)}
    assert found == {
        ("date", "3/14/2021"),
        ("phone", "(617) 555-0123"),
        ("account", "4111 1111 1111 1111"),
        ("ip", "10.0.0.1"),
    }


def test_a_missing_model_is_told_and_not_fetched() -> None:
    pytest.importorskip("presidio_analyzer")
    from stillroom.data.prepare.stages.deidentify.presidio import presidio

    with pytest.raises(DataError, match="no spaCy model 'en_core_web_none'"):
        presidio("en_core_web_none")
