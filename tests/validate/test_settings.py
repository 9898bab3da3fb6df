"""What a recipe may say about validation."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import ValidationError

from stillroom.validate import ValidateSettings

GOOD = {"token_items": 100, "choice_items": 50, "generation_items": 20, "max_new_tokens": 32}


def test_amounts_must_be_decided() -> None:
    for name in GOOD:
        with pytest.raises(ValidationError, match=name):
            ValidateSettings.model_validate({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.parametrize(
    ("name", "value"),
    [("token_items", 0), ("choice_items", -1), ("bootstrap_repeats", 10), ("ece_bins", 1), ("seed", -1)],
)
def test_values_out_of_range_are_refused(name: str, value: int) -> None:
    with pytest.raises(ValidationError, match=name):
        ValidateSettings.model_validate(GOOD | {name: value})


def test_all_items_may_be_asked_for() -> None:
    assert ValidateSettings.model_validate(GOOD | {"token_items": None}).token_items is None


def test_settings_need_no_torch() -> None:
    code = "import sys, stillroom.validate.settings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
