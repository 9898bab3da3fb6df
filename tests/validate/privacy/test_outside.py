"""Results of others: read as they are meant, refused in one line that tells no value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stillroom.types import DataError
from stillroom.validate.privacy.outside import read_attacks, stamp_of

LIRA: dict[str, Any] = {
    "kind": "membership",
    "attack": "lira",
    "subject": "student",
    "scores": [0.1, 0.9, 0.4],
    "positive": [False, True, True],
    "claims": "with 64 shadow models",
    "limits": "of one architecture",
}


def written(folder: Path, *attacks: dict[str, Any]) -> Path:
    path = folder / "attacks.json"
    path.write_text(json.dumps({"attacks": attacks}))
    return path


def test_attacks_are_read(tmp_path: Path) -> None:
    probe = {
        **LIRA,
        "kind": "attribute_inference",
        "attack": "probe",
        "attribute": "sex",
        "groups": list("aab"),
    }
    one, other = read_attacks(written(tmp_path, LIRA, probe))
    assert (one.part, one.scores.tolist(), one.positive.tolist()) == (
        "lira",
        [0.1, 0.9, 0.4],
        [False, True, True],
    )
    assert one.groups == ("0", "1", "2")
    assert (other.part, other.groups) == ("probe,sex", ("a", "a", "b"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"positive": [True, False]}, "as many entries"),
        ({"positive": [True, True, True]}, "both true and false"),
        ({"kind": "attribute_inference"}, "`attribute` for attribute inference"),
        ({"subject": "stranger"}, "attacks.0.subject"),
        ({"scores": ["0.123x", 1, 2]}, "attacks.0.scores.0"),
        ({"limits": ""}, "attacks.0.limits"),
    ],
)
def test_what_is_no_result_is_refused_without_its_values(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_attacks(written(tmp_path, {**LIRA, **change}))
    assert "0.123x" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for read in (read_attacks, stamp_of):
        with pytest.raises(DataError, match=r"cannot read .*none\.json: FileNotFoundError"):
            read(tmp_path / "none.json")
