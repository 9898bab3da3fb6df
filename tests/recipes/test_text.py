from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillroom.recipes.text import dump, parse
from stillroom.types import RecipeError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1.5E+2", 150.0),
        ("012", 12),
        ("-7", -7),
        ("1:30", "1:30"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("2024-01-01", "2024-01-01"),
        ("", None),
        ("~", None),
        ("[1, two]", [1, "two"]),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert parse(text, "example") == value


def test_a_key_written_twice_is_refused_with_its_line() -> None:
    with pytest.raises(RecipeError, match=r"quick.yaml, line 3: the key 'steps' stands twice"):
        parse("train:\n  steps: 1\n  steps: 2\n", "quick.yaml")


def test_text_that_is_not_yaml_names_the_line() -> None:
    with pytest.raises(RecipeError, match=r"quick.yaml, line 2: .*expected YAML of plain keys"):
        parse("train:\n  steps: 1: 2\n", "quick.yaml")


def test_yaml_cannot_run_code() -> None:
    with pytest.raises(RecipeError, match="could not determine a constructor"):
        parse("!!python/object/apply:os.system ['true']", "evil.yaml")


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), scalars | st.lists(scalars)))
def test_what_is_written_reads_back_unchanged(data: dict[str, object]) -> None:
    assert parse(dump(data), "round trip") == data
