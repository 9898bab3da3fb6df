"""The sizes of text students that docs/bedside.md offers have the parameters that it tells."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import TextSettings
from stillroom.models.bedside.text import TextNetwork
from stillroom.types.cases import Head

PAGE = Path(__file__).parents[3] / "docs" / "bedside.md"
FORM = Form({"tokens": (None,)}, Head("classes", ("well", "ill")), {}, ("tokens",))


def rows() -> list[list[str]]:
    table = PAGE.read_text("utf-8").partition("### Sizes")[2].partition("## ")[0]
    return [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[-1])
def test_a_size_has_the_parameters_that_the_page_tells(row: list[str]) -> None:
    width, layers, heads, word_width = map(int, row[2:6])
    settings = TextSettings(
        kind="text", width=width, layers=layers, heads=heads, word_width=word_width, most_tokens=512
    )
    with torch.device("meta"):
        found = TextNetwork(settings, FORM).parameters_count
    assert found / 1e6 == pytest.approx(float(row[-1]), abs=0.05)
