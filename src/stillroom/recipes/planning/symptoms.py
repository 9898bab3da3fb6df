"""What a finished or broken run tells about its recipe, and the edits that answer it (rows R-475 and R-476)."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.edits import Edit, edited
from stillroom.recipes.schema import Recipe
from stillroom.train.settings import TrainSettings
from stillroom.train.watch import SKIPPED
from stillroom.types import Evidence
from stillroom.types.record import Point, TrainRecord

LEAST_RETENTION = 0.6
_EVIDENCE_FILE, _RECORD_FILE = "evidence.json", "record.json"
_RETAINED = ("retention_token_accuracy", "retention_choice_accuracy", "retention_rougeL")
_MARGIN = "log_perplexity_minus_control"
_RISE = 1.5
_WINDOW = 20
_BLOCKS = {"teacher": "teach", "control": "train", "student": "train"}


def symptoms(recipe: Recipe, run_dir: Path) -> Iterator[Finding]:
    """Read the evidence and the training records in a run's folder, as far as they are there."""
    for folder, block in _BLOCKS.items():
        file = run_dir / folder / _RECORD_FILE
        if file.is_file():
            record = TrainRecord.from_dict(json.loads(file.read_text(encoding="utf-8")))
            yield from _instability(recipe, folder, block, record.points)
    yield from _stopped(recipe, run_dir / "events.jsonl")
    file = run_dir / _EVIDENCE_FILE
    if file.is_file():
        evidence = Evidence.from_dict(json.loads(file.read_text(encoding="utf-8")))
        yield from _margin(evidence)
        yield from _retention(recipe, evidence)


def calmer(recipe: Recipe, block: str) -> Edit:
    """Half the learning rate, gradients clipped to a norm of 1, a tenth of the steps to warm up."""
    settings: TrainSettings | None = getattr(recipe, block)
    if settings is None:
        return ()
    edits = [f"{block}.learning_rate={settings.learning_rate / 2:g}"]
    if settings.max_grad_norm > 1.0:
        edits.append(f"{block}.max_grad_norm=1.0")
    if settings.warmup < 0.1 * settings.steps:
        edits += [f"{block}.warmup_share=0.1", f"{block}.warmup_steps=null"]
    return tuple(edits)


def stronger(recipe: Recipe) -> Edit:
    """A hotter start, more weight on the teacher, two thirds more steps: what the schema accepts of these.

    A moving τ needs the teacher's whole distribution. α weighs the soft term, so more of it is more teacher.
    """
    start = "{schedule: exponential, start: 10.0, end: 1.0}"
    wishes: list[Edit] = [(f"objective.temperature={start}",)]
    if not recipe.signals.any_temperature:
        wishes = [(*wishes[0], "signals.targets={kind: hidden}")]
    if isinstance(recipe.objective.alpha, float) and recipe.objective.alpha < 0.8:
        wishes.append(("objective.alpha=0.8",))
    wishes.append((f"train.steps={round(recipe.train.steps * 5 / 3)}",))
    taken: list[str] = []
    for wish in wishes:
        if edited(recipe, [*taken, *wish]) is not None:
            taken += wish
    return tuple(taken)


def _retention(recipe: Recipe, evidence: Evidence) -> Iterator[Finding]:
    """Judge by the figures' means: a lower bound below the limit says only that there were few items."""
    found = {metric.name: metric for metric in evidence.metrics if metric.subject == "student"}
    poor = [found[name] for name in _RETAINED if name in found and found[name].value < LEAST_RETENTION]
    if not poor:
        return
    told = ", ".join(f"{metric.name.removeprefix('retention_')} {metric.value:.0%}" for metric in poor)
    yield Finding(
        "retention",
        "note",
        f"the student keeps less than {LEAST_RETENTION:.0%} of its teacher: {told}",
        "first see that the teacher is good itself; then try on validation data:",
        stronger(recipe),
    )


def _margin(evidence: Evidence) -> Iterator[Finding]:
    """Say so where the teacher added nothing that hard labels did not give."""
    for metric in evidence.metrics:
        if (metric.name, metric.subject) == (_MARGIN, "student") and (metric.ci_high or 0.0) >= 0.0:
            yield Finding(
                "student minus control",
                "note",
                f"{metric.value:.3f} nats/token [{metric.ci_low:.3f}, {metric.ci_high:.3f}]: no gain is demonstrated",
                "what it keeps of the teacher comes from the labels and from its starting weights",
            )


def _instability(recipe: Recipe, name: str, block: str, points: Sequence[Point]) -> Iterator[Finding]:
    skipped = sum(SKIPPED in point.figures for point in points)
    losses = [point.figures["loss"] for point in points if "loss" in point.figures]
    rise = _rise(losses)
    if not skipped and rise <= _RISE:
        return
    told = [f"{skipped} steps without a finite loss"] if skipped else []
    told += [f"the loss ended at {rise:.1f} times its lowest"] if rise > _RISE else []
    yield Finding(f"training of {name}", "note", "; ".join(told), "calmer:", calmer(recipe, block))


def _rise(losses: Sequence[float]) -> float:
    """Median of the last losses over the lowest median before; 1 where there are too few to tell."""
    if len(losses) < 2 * _WINDOW:
        return 1.0
    medians = [
        statistics.median(losses[start : start + _WINDOW])
        for start in range(0, len(losses) - _WINDOW + 1, _WINDOW)
    ]
    return statistics.median(losses[-_WINDOW:]) / min(medians) if min(medians) > 0 else 1.0


def _stopped(recipe: Recipe, diary: Path) -> Iterator[Finding]:
    """Tell how the last stage ended early, if one did and was not made since."""
    if not diary.is_file():
        return
    ended: dict[str, str] = {}
    for line in diary.read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:  # half a line of a killed process
            continue
        if event["event"] in ("finished", "kept"):
            ended.pop(event["stage"], None)
        elif event["event"] == "stopped" and "message" in event["figures"]:
            ended[event["stage"]] = event["figures"]["message"]
    for stage, message in ended.items():
        unstable = "diverged" in message or "not finite" in message
        block = "teach" if stage == "teach" else "train"
        edits = calmer(recipe, block) if unstable else ()
        yield Finding(f"last run, {stage}", "note", message, "calmer:" if edits else "", edits)
