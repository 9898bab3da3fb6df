"""The two sizes of each student that docs/bedside.md tells have the weights that it tells."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from stillroom.data.bedside import heart_disease, physionet2012_modalities, thyroid
from stillroom.data.bedside.physionet2012_stays import STATIC
from stillroom.data.bedside.vitals import VITALS
from stillroom.data.bedside.yaib import STATIC as YAIB_STATIC
from stillroom.data.bedside.yaib import YAIB_VITALS
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import Form
from stillroom.models.bedside.settings import TextSettings
from stillroom.recipes import load, names
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.loading import load_bedside
from stillroom.types.cases import Head

PAGE = Path(__file__).parents[3] / "docs" / "bedside.md"

Shapes = dict[str, tuple[int | None, ...]]

STAY: Shapes = {"series": (48, len(VITALS)), "static": (len(STATIC),)}
YAIB: Shapes = {"series": (24, len(YAIB_VITALS)), "static": (len(YAIB_STATIC),)}
TEXT: Shapes = {"tokens": (None,)}
WORDS: Shapes = {"tokens": (None,), "words": (None, 2)}
FORMS: dict[str, tuple[Shapes, int]] = {
    "icu-mortality": (STAY, 2),
    "icu-hypotension": (STAY, 2),
    "icu-outcomes": (STAY, 2),
    "icu-modalities": ({**STAY, "series": (48, len(physionet2012_modalities.MONITOR))}, 2),
    "yaib-mortality": (YAIB, 2),
    "yaib-aki": (YAIB, 2),
    "yaib-sepsis": (YAIB, 2),
    "yaib-length-of-stay": (YAIB, 1),
    "heart-disease": ({"static": (len(heart_disease.CHANNELS),)}, 2),
    "thyroid": ({"static": (len(thyroid.CHANNELS),)}, 13),
    "pneumonia": ({"image": (28, 28, 1)}, 2),
    "blood-cells": ({"image": (32, 32, 3)}, 3),
    "hippocampus": ({"image": (64, 48, 3)}, 3),
    "pvc-beats": ({"wave": (180, 1), "interval": (1,)}, 2),
    "eye-state": ({"wave": (128, 14)}, 2),
    "note-section": (TEXT, 20),
    "llm-note-section": (TEXT, 20),
    "abstract-answer": (TEXT, 3),
    "disease-entities": (WORDS, 3),
    "chemical-disease-entities": (WORDS, 5),
    "icd-coding": (TEXT, 74),
}


def rows() -> list[list[str]]:
    table = PAGE.read_text("utf-8").partition("## Two sizes of a student")[2].partition("\n## ")[0]
    return [
        [cell.strip("` ") for cell in line.strip("| ").split(" | ")]
        for line in table.splitlines()
        if line.startswith("| `")
    ]


def weights(name: str, overrides: list[str]) -> int:
    student, (shapes, outputs) = load_bedside(name, overrides).student, FORMS[name]
    if isinstance(student, TextSettings):
        student = student.model_copy(update={"words_from": None})
    whole = tuple(name for name in shapes if name in WORDS)
    form = Form(shapes, Head("classes", tuple(map(str, range(outputs)))), {}, whole)
    with torch.device("meta"):
        return build_network(student, form, seed=1).parameters_count


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_both_sizes_have_the_weights_that_the_page_tells(row: list[str]) -> None:
    recipes, shipped, line, other, *_ = row
    for name in recipes.split("`, `"):
        assert weights(name, []) == int(shipped.replace(",", ""))
        assert weights(name, line.split()) == int(other.replace(",", ""))


def test_every_recipe_has_two_sizes() -> None:
    told = {name for row in rows() for name in row[0].split("`, `")}
    assert told == {name for name in names() if isinstance(load(name), BedsideRecipe)}
