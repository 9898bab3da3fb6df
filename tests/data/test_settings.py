from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from stillroom.data import SOURCES, CorpusSettings, HpoSettings

COUNTS = {"definitions": 1, "synonyms": 2, "differentials": 3}


def block(**changes: Any) -> dict[str, Any]:
    return {
        "source": "hpo",
        "seed": 0,
        "train": COUNTS,
        "validation": COUNTS,
        "test": COUNTS,
        "validation_share": 0.1,
        "test_share": 0.1,
    } | changes


def test_every_registered_source_is_known() -> None:
    schema = TypeAdapter(CorpusSettings).json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(SOURCES)


def test_counts_are_found_by_split_and_kind() -> None:
    settings = HpoSettings(**block(test=COUNTS | {"synonyms": 7}))
    assert settings.counts("test").by_kind() == {"definition": 1, "synonym": 7, "differential": 3}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"source": "hop"}, "'hop' found using 'source'"),
        ({"train": COUNTS | {"definitions": -1}}, "greater than or equal to 0"),
        ({"validation_share": 0.5, "test_share": 0.5}, "must leave concepts to train on"),
        ({"test_share": 0.0}, "greater than 0"),
        ({"sauce": "hpo"}, "Extra inputs"),
    ],
)
def test_a_wrong_block_is_refused_with_its_reason(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(CorpusSettings).validate_python(block(**changes))
