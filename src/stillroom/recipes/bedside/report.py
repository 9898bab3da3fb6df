"""What people open: the report, the model card, the evidence, and the bundle with its card."""

from __future__ import annotations

from dataclasses import replace

from stillroom.data.bedside.store import manifest
from stillroom.data.bedside.tasks import TASKS
from stillroom.recipes.bedside.descent import descent
from stillroom.recipes.bedside.export import bundle_of
from stillroom.recipes.bedside.shared import BedsideRun, read_json
from stillroom.recipes.evidence_files import EVIDENCE_FILE
from stillroom.recipes.machine import machine, versions
from stillroom.recipes.text import dump
from stillroom.report import ReportContext, StageFacts, model_card, render
from stillroom.types import Evidence
from stillroom.types.files import fingerprint, write_json, write_text

LIMITS = (
    "Research and assistive software for use under a clinician; never an autonomous diagnosis.",
    "The evidence speaks of this cohort alone: its hospitals, years, devices and coding.",
    "A risk is not a reason: what the model weighs is not what caused the outcome.",
)


def report(run: BedsideRun) -> None:
    """Publish the evidence, the report and the model card, and the first training's bundle with its card."""
    evidence = Evidence.from_dict(read_json(run.done["validate"].path / EVIDENCE_FILE))
    context = _context(run)
    told = replace(evidence, facts={**(evidence.facts or {}), "run_seconds": context.seconds})
    card, folder = model_card(told, context), run.stages.run_dir
    write_json(folder / EVIDENCE_FILE, told.to_dict())
    render(told, context).save(folder / "report.html")
    write_text(folder / "model_card.md", card)
    bundle_of(run, run.recipe.seeds[0]).with_documents({"model_card.md": card}, folder / "bundle")


def _context(run: BedsideRun) -> ReportContext:
    recipe, stages = run.recipe, run.stages.finished
    data = recipe.model_dump(mode="json")
    parameters = run.facts(f"student.{recipe.seeds[0]}")["parameters"]
    return ReportContext(
        title=recipe.name,
        description=f"{recipe.description} Task: {TASKS[recipe.data.task].title}.",
        student=f"{recipe.student.kind}, {parameters:,} parameters, one of {len(recipe.seeds)} trainings",
        models=descent(recipe),
        corpus=manifest(run.cohort),
        recipe_yaml=dump(data),
        recipe_fingerprint=fingerprint(data),
        limits=LIMITS,
        machine={
            name: ", ".join(fact) if isinstance(fact, list | tuple) else fact
            for name, fact in machine().items()
        },
        software=versions(),
        seconds=round(sum(stage.record.seconds for stage in stages), 1),
        peak_memory_bytes=max(stage.record.peak_memory_bytes for stage in stages),
        stages=tuple(
            StageFacts(s.name, s.record.seconds, s.record.peak_memory_bytes, s.fingerprint) for s in stages
        ),
        usage="from stillroom.export.onnx.bundle import OnnxBundle\n"
        "answer = OnnxBundle.open(Path('bundle')).model().answer(inputs)  # clinical units, NaN where not measured",
    )
