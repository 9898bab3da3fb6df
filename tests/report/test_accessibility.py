"""Every kind of page in a real browser: axe-core finds nothing, the keyboard reaches everything, nobody is asked.

Needs Chromium, Node.js and the packages of ``tests/browser/package.json``: ``make accessibility``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from report.test_comparison import run
from stillroom.report import Report, ReportContext, render
from stillroom.report.page import render_comparison
from stillroom.report.suite import render_suite
from stillroom.types import Evidence
from stillroom.validate import ClassificationSettings, measure_classification
from stillroom.validate.between import compare
from stillroom.validate.review.filled import read_forms
from stillroom.validate.review.kit import KEY, PAGE, write_kit
from stillroom.validate.review.rubric import QUESTIONS, ReviewItem
from suite_results import made_result

BROWSER = Path(__file__).parents[1] / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
NEEDED = {
    "Chromium": CHROMIUM,
    "Node.js": shutil.which("node"),
    "axe-core": (BROWSER / "node_modules" / "axe-core").is_dir(),
}
MISSING = [name for name, found in NEEDED.items() if not found]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(MISSING), reason=f"without {', '.join(MISSING)}: `make accessibility` installs axe-core"
    ),
]


def browser(*arguments: str | Path) -> Any:
    """What the browser found."""
    ended = subprocess.run(
        ["node", str(BROWSER / "browser.mjs"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "CHROMIUM": str(CHROMIUM)},
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def at_the_bedside() -> Evidence:
    """Five classifiers, with subgroups."""
    truth, noise = np.arange(80) % 2, np.random.default_rng(3).normal(size=(5, 80))
    skills = {"teacher": 1.5, "student_untrained": 0.0, "control": 1.0, "student": 1.2, "bundle": 1.2}
    said = {
        who: 1 / (1 + np.exp(-(skill * (2 * truth - 1) + row)))
        for (who, skill), row in zip(skills.items(), noise, strict=True)
    }
    sex = {"sex": ["female" if at % 3 else "male" for at in range(80)]}
    evidence = measure_classification(
        said,  # type: ignore[arg-type]
        truth,
        [f"patient {at}" for at in range(80)],
        ClassificationSettings(classes=("well", "ill"), bootstrap_repeats=100),
        subgroups=sex,
    )
    facts = {"primary": "auroc", "bundle_largest_difference": 3e-7, "items_sha256": "i"}
    return replace(evidence, facts={**(evidence.facts or {}), **facts})


def kit(folder: Path) -> Path:
    items = [
        ReviewItem(f"q{at}", "What is it?", "This.", {"teacher": "This.", "student": "That."})
        for at in range(3)
    ]
    write_kit(items, folder, seed=0, title="Answers of two models")
    return folder / PAGE


@pytest.fixture(scope="module")
def found(
    evidence: Evidence, context: ReportContext, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pages")
    context = replace(context, recipe_yaml=f"layers: {list(range(90))}\n{'x' * 200}\n")
    cohort = replace(context, corpus={**context.corpus, "mended": {"a value out of range": 3}})
    slow, quick = run("slow", evidence), run("quick", evidence, 0.2)
    pages = {
        "language": render(evidence, context).save(folder / "language.html"),
        "bedside": render(at_the_bedside(), cohort).save(folder / "bedside.html"),
        "comparison": render_comparison(slow, quick, compare(slow.side, quick.side)).save(
            folder / "two.html"
        ),
        "review": kit(folder / "kit"),
        "suite": Report(render_suite(made_result())).save(folder / "suite.html"),
    }
    told = browser("audit", *pages.values())
    return {name: told[str(path)] for name, path in pages.items()}


PAGES = pytest.mark.parametrize("page", ["language", "bedside", "comparison", "review", "suite"])


@PAGES
@pytest.mark.parametrize("medium", ["screen", "narrow", "print"])
def test_axe_finds_nothing(found: dict[str, Any], page: str, medium: str) -> None:
    assert found[page][medium] == []


@PAGES
def test_the_keyboard_reaches_everything_and_shows_where_it_is(found: dict[str, Any], page: str) -> None:
    keyboard = found[page]["keyboard"]
    assert (keyboard["reached"], keyboard["unseen"]) == (keyboard["wanted"], [])


@PAGES
def test_a_page_asks_nobody_and_fits_a_narrow_screen(found: dict[str, Any], page: str) -> None:
    assert found[page]["requests"] == []
    assert found[page]["width_at_320"] <= 320


def test_the_experts_form_is_filled_in_the_browser_and_read_back(tmp_path: Path) -> None:
    told = browser("review", kit(tmp_path), tmp_path)
    assert told["status"] == "saved"
    assert Path(told["file"]).name == "review-anna.csv"
    judgements = read_forms([Path(told["file"])], tmp_path / KEY)
    assert len(judgements) == told["answers"] == 8
    for at, judgement in enumerate(judgements):
        assert judgement.ratings == {
            name: choices[at % len(choices)] for name, (_, choices) in QUESTIONS.items()
        }
