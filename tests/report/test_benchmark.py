"""The page of the benchmark is the one that its results give."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from losses.scripts import load
from stillroom.recipes.suite.shipped import load_suite
from stillroom.validate.suite.results import SuiteResult


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    return load("docs/benchmark.py")


@pytest.fixture(scope="module")
def result(writer: ModuleType) -> SuiteResult:
    return SuiteResult.from_dict(json.loads(writer.RESULTS.read_text(encoding="utf-8")))


def test_the_page_is_up_to_date(writer: ModuleType) -> None:
    assert writer.PAGE.read_text(encoding="utf-8") == writer.render(), "run: python docs/benchmark.py"


def test_it_tells_date_machine_seeds_and_every_task_and_method(
    writer: ModuleType, result: SuiteResult
) -> None:
    page = writer.render()
    assert result.made["date"] in page
    assert str(result.made["machine"]["cpu"]) in page
    assert all(f"| {task.name} |" in page for task in result.tasks)
    assert all(method.title in page for method in result.methods)


def test_its_results_are_of_a_suite_of_this_name_and_of_tasks_that_there_are(result: SuiteResult) -> None:
    suite = load_suite()
    assert result.suite["name"] == suite.rules.name
    assert {task.name for task in result.tasks} <= set(suite.tasks)
