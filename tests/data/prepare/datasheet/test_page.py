"""The page says what the facts say, in tables that Markdown can show, and in lines that a recipe can take."""

from __future__ import annotations

from typing import Any

import yaml

from stillroom.data.prepare.datasheet.page import page
from stillroom.train.curriculum import CurriculumSettings

FACTS: dict[str, Any] = {
    "name": "made",
    "fingerprint": "f00d",
    "stillroom": "9",
    "items": {"train": 1000, "validation": 20, "test": 3},
    "sources": [
        {
            **dict.fromkeys(("name", "adapter", "title", "version", "citation"), "a|b"),
            "licence": "CC0-1.0",
            "url": "",
            "access": "open",
            "terms": ["share_alike"],
            "use": "learn",
            "traps": ["rows come twice"],
            "published_rows": None,
            "rows": 1024,
            "quarantined": 1,
            "train": 1000,
            "validation": 20,
            "test": 3,
        }
    ],
    "terms": {"share_alike": ["a|b"]},
    "stages": [
        {
            "stage": "read",
            "rows_in": 1024,
            "rows_out": 1023,
            "changed": 0,
            "dropped": {"no JSON": 1},
            "facts": {"x": 2},
        }
    ],
    "left_out_by_source": [{"source": "a|b", "read": 1}],
    "tokens": {
        "counted": "by a rule",
        "bin_tokens": 64,
        "rows": {"0": 1023},
        "median_at_most": 64,
        "p95_at_most": 64,
        "longest": 9,
    },
    "kind": [{"kind": "note", "train": 1000, "validation": 20, "test": 3}],
    "specialty": [],
    "difficulty": [],
    "long_tail": {
        "specialty": [{"specialty": "eye", "rows": 3, "share": 0.003}],
        "kind": [],
        "difficulty": [],
    },
    "specialty_weights": {"head or neck": 1.5, "metabolism/homeostasis": 0.5},
    "curriculum": [{"until": 0.5, "take": ["basic"]}, {"until": 1.0, "take": ["basic", "advanced"]}],
    "settings": {"split": {"keep_own_splits": True, "validation_share": 0.1, "test_share": 0.05}},
}


def section(title: str, facts: dict[str, Any] = FACTS) -> str:
    return page(facts).partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_table_has_as_many_cells_in_each_row() -> None:
    for block in page(FACTS).split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("| ")]
        assert len({row.replace("\\|", "").count("|") for row in rows}) <= 1


def test_counts_stand_on_the_right_and_words_on_the_left() -> None:
    assert section("Composition").splitlines()[2] == "| :--- | ---: | ---: | ---: |"


def test_reasons_terms_and_the_long_tail_are_told() -> None:
    assert "| read | no JSON | 1 |" in section("Preparation")
    assert "| share alike | " in section("What the licences ask")
    assert section("Long tail").strip() == "- Specialties below 1 % of the training rows: eye (3)"
    assert "10% validation, 5% test" in section("Splits")


def test_the_lines_for_a_recipe_are_yaml_that_it_takes() -> None:
    lines = yaml.safe_load(section("For the recipe").split("```")[1].removeprefix("yaml"))
    assert lines["objective"]["specialty_weights"] == FACTS["specialty_weights"]
    assert [lesson.until for lesson in CurriculumSettings.model_validate(lines["curriculum"]).lessons] == [
        0.5,
        1.0,
    ]


def test_without_the_stage_the_splits_are_the_sources_own() -> None:
    assert section("Splits", {**FACTS, "settings": {"split": None}}).strip().startswith("As the sources say")
