"""Teachers beside the first: adapted, held against the untrained student, and heard if they know more than it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stillroom.recipes.pipeline.branch import Branch
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.signals import signals
from stillroom.recipes.pipeline.teach import compare, teach_one
from stillroom.signals.recording import tokenizer_fingerprint
from stillroom.train.objective import FusionSettings, ObjectiveSettings
from stillroom.types import GateError, SignalError

HEARD = "heard"


def teach_further(run: Pipeline) -> None:
    """Adapt each further teacher, and see whether it knows more than the untrained student."""
    for name, settings in run.recipe.further_teachers.items():
        # Hidden states and attention are those of the first teacher.
        objective = run.recipe.objective.model_copy(update={"hidden_weight": 0.0, "terms": {}})
        changes = {"teacher": settings.teacher, "teach": settings.teach, "objective": objective}
        branch = Branch(run, name, run.recipe.model_copy(update=changes))
        teach_one(branch)
        _gate(run, branch)
        run.branches[name] = branch


def further_heard(run: Pipeline) -> list[Pipeline]:
    """The further teachers that know more than the untrained student."""
    return [branch for branch in run.branches.values() if branch.done["gate"].facts[HEARD]]


def record_further(run: Pipeline) -> None:
    """Record what each further teacher that is heard knows."""
    for branch in further_heard(run):
        signals(branch)


def not_heard(run: Pipeline) -> dict[str, str]:
    """Why each teacher that is not heard is not, by its name."""
    gates = {name: branch.done["gate"].facts for name, branch in run.branches.items()}
    return {name: str(facts["why"]) for name, facts in gates.items() if not facts[HEARD]}


def fitting(objective: ObjectiveSettings, run: Pipeline) -> ObjectiveSettings:
    """The objective of those teachers that are heard: the shares of the others are given up."""
    if objective.fusion is None:
        return objective
    heard = [True, *(bool(branch.done["gate"].facts[HEARD]) for branch in run.branches.values())]
    if all(heard):
        return objective
    fusion = objective.fusion if sum(heard) > 1 else None
    return objective.model_copy(update={"fusion": fusion and _without(fusion, heard)})


def _without(fusion: FusionSettings, heard: list[bool]) -> FusionSettings:
    def rest(shares: tuple[float, ...]) -> tuple[float, ...]:
        kept = [share for share, wanted in zip(shares, heard, strict=True) if wanted]
        return tuple(share / sum(kept) if sum(kept) else 1 / len(kept) for share in kept)

    shares = None if fusion.shares is None else rest(fusion.shares)
    by_specialty = {name: rest(each) for name, each in fusion.by_specialty.items()}
    return fusion.model_copy(update={"shares": shares, "by_specialty": by_specialty})


def _gate(run: Pipeline, branch: Branch) -> None:
    def make(out: Path, work: Path) -> Mapping[str, Any]:
        _require_same_tokens(run, branch)
        try:
            compare(branch, out)
        except GateError as error:
            return {HEARD: False, "why": str(error)}
        return {HEARD: True}

    inputs = branch.lines("teacher", "student", "evaluate", "max_tokens")
    branch.stage("gate", inputs, make, parents=("prepare", "teach"))


def _require_same_tokens(run: Pipeline, branch: Branch) -> None:
    if run.recipe.student.start_from is not None:
        return
    first, other = (tokenizer_fingerprint(who.teacher().tokenizer) for who in (run, branch))
    if first != other:
        raise SignalError(
            f"teacher {branch.name!r} has another tokenizer than the first",
            "one tokenizer, or a student that starts from a model of its own",
            "set student.start_from",
        )
