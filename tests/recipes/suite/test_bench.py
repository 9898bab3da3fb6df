from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from recipes.suite.made import made_data, made_suite
from stillroom.recipes.suite.bench import run_suite
from stillroom.recipes.suite.plan import plan_of
from stillroom.recipes.suite.settings import Method, Objective
from stillroom.recipes.suite.shipped import Suite
from stillroom.types import DataError, RecipeError
from stillroom.validate.suite.results import SuiteResult


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def suite(data: Path) -> Suite:
    return made_suite(data)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


class Killed(BaseException):
    """What stops a process without asking."""


@pytest.fixture(scope="module")
def result(suite: Suite, data: Path, runs: Path) -> SuiteResult:
    """The suite, killed in its third cell and started again."""

    def kill(task: str, done: int, total: int, figures: Mapping[str, float] | None = None) -> None:
        if task.startswith("student") and (runs / "clinical" / "tiny" / "images").exists():
            raise Killed

    with pytest.raises(Killed):
        run_suite(suite, runs, "tiny", data=data, progress=kill)
    return run_suite(suite, runs, "tiny", data=data)


def made_stages(runs: Path) -> list[tuple[str, str]]:
    """Every stage that was made, by the run that made it."""
    events = [
        (f"{file.parent.parent.name}/{file.parent.name}", json.loads(line))
        for file in sorted((runs / "clinical" / "tiny").glob("*/*/events.jsonl"))
        for line in file.read_text().splitlines()
    ]
    return [(run, event["stage"]) for run, event in events if event["event"] == "finished"]


def test_every_cell_has_a_figure_or_a_reason(result: SuiteResult) -> None:
    states = {(cell.task, cell.method): cell.state for cell in result.cells}
    assert len(states) == 2 * 3
    assert states["table", "hint"] == "not_applicable"
    assert all(state == "measured" for pair, state in states.items() if pair != ("table", "hint"))
    soft = result.cell("images", "soft-targets")
    assert set(soft.by_seed) == {"1", "2"}
    assert soft.figures["minus_control"].value == pytest.approx(
        soft.figures["figure"].value - result.cell("images", "hard-labels").figures["figure"].value
    )


def test_an_attack_on_membership_is_told_where_the_recipe_asks_for_it(result: SuiteResult) -> None:
    told = {cell.task for cell in result.cells if "membership_auc" in cell.figures}
    assert told == {"table"}


def test_what_was_made_before_the_kill_is_kept_and_methods_share_teacher_and_control(
    result: SuiteResult, runs: Path
) -> None:
    made = made_stages(runs)
    assert len(made) == len(set(made))
    assert [run for run, stage in made if stage == "teach.resnet"] == ["images/soft-targets"]
    assert [run for run, stage in made if stage == "control.2"] == [
        "images/soft-targets",
        "table/soft-targets",
    ]
    assert [run for run, stage in made if stage == "student.1"] == [
        "images/hint",
        "images/soft-targets",
        "table/soft-targets",
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_run_makes_nothing_and_finds_the_same(
    result: SuiteResult, suite: Suite, data: Path, runs: Path, jobs: int
) -> None:
    before = made_stages(runs)
    again = run_suite(suite, runs, "tiny", data=data, jobs=jobs)
    assert made_stages(runs) == before
    assert again.cells == result.cells
    assert all(task.students == 0 for task in plan_of(suite, "tiny", data, runs / "clinical" / "tiny"))


def test_results_stand_in_three_files(result: SuiteResult, runs: Path) -> None:
    folder = runs / "clinical" / "tiny"
    kept = SuiteResult.from_dict(json.loads((folder / "results.json").read_text()))
    assert kept.cells == result.cells
    rows = list(csv.DictReader((folder / "results.csv").read_text().splitlines()))
    assert [(row["task"], row["method"]) for row in rows] == [(c.task, c.method) for c in result.cells]
    assert all(bool(row["value"]) == (row["state"] == "measured") for row in rows)
    assert "MedDistillBench" in (folder / "results.html").read_text()
    assert (folder / "results.html").stat().st_mode & 0o777 == 0o600


def test_a_method_that_is_added_costs_its_own_students_alone(
    result: SuiteResult, suite: Suite, data: Path, runs: Path
) -> None:
    before = made_stages(runs)
    added = {"hard-labels": suite.methods["hard-labels"], "a-new-one": suite.methods["soft-targets"]}
    run_suite(
        Suite(suite.rules, suite.tasks, {**added, **suite.methods}, frozenset({"table"})),
        runs,
        "tiny",
        data=data,
    )
    made = [stage for run, stage in made_stages(runs) if (run, stage) not in before]
    assert sorted(made) == ["measure", "student.1", "student.2"]


def test_a_changed_split_stops_before_anything_is_trained(suite: Suite, data: Path, tmp_path: Path) -> None:
    task = suite.tasks["table"]
    splits = {**task.profiles["tiny"].splits, "test": "f" * 64}
    wrong = task.profiles["tiny"].model_copy(update={"splits": splits})
    other = Suite(
        suite.rules, {"table": task.model_copy(update={"profiles": {"tiny": wrong}})}, suite.methods
    )
    with pytest.raises(DataError, match="table: the test split of heart_disease"):
        run_suite(other, tmp_path, "tiny", data=data)
    assert {stage for _, stage in made_stages(tmp_path)} == {"prepare"}


def test_absent_data_are_told_and_a_failed_training_does_not_stop_the_others(
    suite: Suite, data: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "heart_disease_uci").symlink_to(data / "heart_disease_uci")
    terms: dict[str, Any] = {"soft": {"loss": "forward_kl", "weight": 1.0, "hyper": {"temprature": 2.0}}}
    broken = Method(title="broken", what="nothing", source="none", classes=Objective(terms=terms))
    methods = {**suite.methods, "broken": broken}
    found = run_suite(
        Suite(suite.rules, suite.tasks, methods), tmp_path / "runs", "tiny", data=tmp_path / "data"
    )
    images = next(task for task in found.tasks if task.name == "images")
    assert (images.state, images.why) == ("absent", f"no folder {tmp_path / 'data' / 'pneumoniamnist'}")
    assert found.cell("table", "soft-targets").state == "measured"
    assert found.cell("table", "broken").state == "failed"
    assert "temprature" in found.cell("table", "broken").why


def test_an_unknown_profile_is_refused(suite: Suite, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="profile 'big'"):
        run_suite(suite, tmp_path, "big")


@pytest.mark.slow
def test_tasks_side_by_side_come_to_the_same_figures(
    result: SuiteResult, suite: Suite, data: Path, tmp_path: Path
) -> None:
    found = run_suite(suite, tmp_path, "tiny", data=data, jobs=2)
    for cell, other in zip(found.cells, result.cells, strict=True):
        assert cell.by_seed == pytest.approx(other.by_seed, abs=1e-6)


@pytest.mark.slow
def test_one_student_of_a_task_is_exported_and_timed(suite: Suite, data: Path, tmp_path: Path) -> None:
    task = suite.tasks["table"]
    profile = task.profiles["tiny"].model_copy(update={"deploy": True})
    tasks = {"table": task.model_copy(update={"profiles": {"tiny": profile}})}
    methods = {name: suite.methods[name] for name in ("hard-labels", "soft-targets")}
    found = run_suite(Suite(suite.rules, tasks, methods), tmp_path, "tiny", data=data)
    sizes = found.tasks[0].sizes
    assert sizes["student_bytes"] > 0
    assert 0 < sizes["answer_ms"] <= sizes["answer_ms_p95"]
    assert any(name.startswith("answer_joules_") for name in sizes)


def test_a_folder_without_any_task_s_data_is_refused_before_anything_is_written(
    suite: Suite, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"no folder .*; expected the data of one of"):
        run_suite(suite, tmp_path / "runs", "tiny", data=tmp_path / "nothing")
    assert not (tmp_path / "runs").exists()
