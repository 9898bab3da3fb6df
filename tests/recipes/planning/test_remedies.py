from __future__ import annotations

from dataclasses import replace

from stillroom.recipes import Recipe, load
from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.edits import edited
from stillroom.recipes.planning.hardware import GIB, Hardware, named_hardware
from stillroom.recipes.planning.plan import Plan, plan
from stillroom.recipes.planning.remedies import shortages, speedups
from stillroom.recipes.planning.workload import Rows


def stage_fits(found: Plan, name: str) -> bool:
    return next(stage.fits for stage in found.stages if stage.name == name)


def by_subject(recipe: Recipe, machine: Hardware, rows: Rows | None) -> dict[str, Finding]:
    found = list(shortages(recipe, machine, rows, plan(recipe, machine, rows)))
    return {finding.subject: finding for finding in found}


def test_nothing_is_said_where_all_fits(recipe: Recipe, rows: Rows, machine: Hardware) -> None:
    assert by_subject(recipe, machine, rows) == {}


def test_a_training_that_does_not_fit_gets_edits_that_make_it_fit(rows: Rows, machine: Hardware) -> None:
    recipe = load("quickstart", ["teach.tokens_per_step=8192", "teach.tokens_per_pass=8192"])
    many = replace(rows, train=rows.train * 4)
    small = replace(machine, memory_bytes=6 * GIB)
    finding = by_subject(recipe, small, many)["memory of teach"]
    assert finding.verdict == "problem"
    assert all(edit.startswith("teach.tokens_per_pass=") for edit in finding.edits), (
        "the update stays as it is"
    )
    changed = edited(recipe, finding.edits)
    assert changed is not None
    assert stage_fits(plan(changed, small, many), "teach")


def test_a_teacher_that_does_not_fit_is_held_in_fewer_bits() -> None:
    recipe = load(
        "quickstart",
        [
            "teacher.model=meta-llama/Llama-3.1-8B",
            "student.start_from.model=meta-llama/Llama-3.2-1B",
            "student.layers=all",
            "student.layer_map=uniform",
        ],
    )
    machine = named_hardware("t4x2")
    finding = by_subject(recipe, machine, None)["memory of signals"]
    assert finding.edits == ("teacher.precision=int8",)


def test_where_nothing_helps_it_is_said(rows: Rows, recipe: Recipe, machine: Hardware) -> None:
    tiny = replace(machine, memory_bytes=GIB // 2)
    finding = by_subject(recipe, tiny, rows)["memory of teach"]
    assert finding.edits == ()
    assert "larger machine" in finding.advice


def test_faster_settings_are_planned_before_they_are_told(rows: Rows, machine: Hardware) -> None:
    recipe = load("quickstart", ["teach.gradient_checkpointing=true"])
    found = list(speedups(recipe, machine, rows, plan(recipe, machine, rows)))
    assert ("teach.gradient_checkpointing=false",) in [finding.edits for finding in found]
    assert not any("bfloat16" in edit for finding in found for edit in finding.edits), "it is slower here"
    halves = replace(machine, flops={"float32": 1e11, "bfloat16": 1e12})
    forced = load("quickstart", ["train.precision=float32", "teach.precision=float32"])
    found = list(speedups(forced, halves, rows, plan(forced, halves, rows)))
    assert any("train.precision=bfloat16" in finding.edits for finding in found)
