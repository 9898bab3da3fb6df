"""Adapting the student to each patient: the plan that goes into the bundle, and what it changes on the test split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.physionet2012_hypotension import HypotensionSettings, read_stay
from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.graph import OUTPUT
from stillroom.export.onnx.personal.adapter import adapted
from stillroom.export.onnx.personal.history import Entry, History, read_history
from stillroom.export.onnx.personal.plan import PLAN_FILE, ChangePlan, plan_of
from stillroom.recipes.bedside.answers import calibrated_logits, probabilities
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.recipes.loading import load
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.personal.choose import choose_plan
from stillroom.train.bedside.personal.guard import Decision, decide
from stillroom.train.bedside.personal.patients import Later, adapt_all, hours_of
from stillroom.types import ExportError, Metric, Split, Subject, TrainError
from stillroom.types.cases import LOGITS, Case
from stillroom.types.files import canonical_json
from stillroom.validate.comparison import Found, to_metric
from stillroom.validate.personal import estimate_personal
from stillroom.validate.seeds import over_seeds

POOLED = "pooled"
_SUBJECTS: tuple[Subject, ...] = ("control", "student")

Array = NDArray[np.float64]


def plan_for(run: BedsideRun, seed: int) -> ChangePlan | None:
    """The change plan of one student; None where the recipe locks it, or validation patients show no gain.

    Raises:
        TrainError: a task that does not have two classes, or does not ask again and again within a stay.
    """
    settings = run.recipe.personalise
    if settings is None or settings.mode == "locked":
        return None
    if run.cohort.head.kind != "classes" or len(run.cohort.head.names) != 2:
        raise TrainError(
            f"personalise.mode=adaptive for {len(run.cohort.head.names)} {run.cohort.head.kind}",
            "a task of two classes",
            "set personalise.mode=locked",
        )
    return choose_plan(settings, run.cases("validation"), *_said(run, "student", seed, "validation"))


def companion_of(plan: ChangePlan | None) -> dict[str, str]:
    """The file that a plan is in the bundle."""
    return {} if plan is None else {PLAN_FILE: canonical_json(plan.model_dump(mode="json")) + "\n"}


def features_of(plan: ChangePlan | None) -> tuple[str, ...]:
    """What the graph gives beside its answer for a plan."""
    return (POOLED,) if plan is not None and plan.changes == "last_layer" else ()


def measured_personal(run: BedsideRun) -> tuple[tuple[Metric, ...], Mapping[str, str | float]]:
    """Measure the plans of all seeds on the later hours of test patients: student and control, adapted and locked.

    Returns:
        Figures and facts; none where the first bundle is locked.
    """
    settings, seeds = run.recipe.personalise, run.recipe.seeds
    plans = {seed: plan_for(run, seed) for seed in seeds}
    if settings is None or any(plan is None for plan in plans.values()):
        return (), {"change_plan": "none: the bundles are locked"}
    founds, updates = [], Counter[str]()
    for seed, plan in plans.items():
        assert plan is not None
        found: Found = {}
        for subject in _SUBJECTS:
            risks, features = _said(run, subject, seed, "test")
            later = adapt_all(run.cases("test"), risks, features, plan, settings.first_hours)
            found |= _estimated(run, later, subject)
            if subject == "student":
                updates.update(_told(decision) for decision in later.decisions.values())
        founds.append(found)
    told = {f"change_plan, {name}": round(many / len(seeds), 1) for name, many in sorted(updates.items())}
    metrics = (to_metric(key, of, "test") for key, of in over_seeds(founds, run.recipe.seed).items())
    deviations = ", ".join(f"{plan.deviation:g}" for plan in plans.values() if plan is not None)
    return tuple(metrics), {"change_plan": f"{settings.changes}, deviations {deviations} nats", **told}


def update_patient(bundle: OnnxBundle, measurements: Path, folder: Path) -> History:
    """Let a patient's own labels so far change the model, if the guard passes them; write down what happened.

    Args:
        bundle: its recipe says how measurements become questions.
        measurements: of the stay so far.
        folder: of the patient; its history grows by an update or a refusal.

    Raises:
        ExportError: the bundle is locked, or asks nothing within a stay; or the history is damaged or another bundle's.
        DataError: the measurements cannot be read.
    """
    plan, history = plan_of(bundle), read_history(folder, bundle)
    cases, risks, features = _asked(bundle, measurements)
    decision = decide(hours_of(cases, risks, features, plan), _now(cases), plan)
    kept = decision.adapter if decision.accepted else history.adapter
    grown = history.grown(
        Entry(
            number=len(history.entries) + 1,
            kind="update" if decision.accepted else "refusal",
            reason=decision.reason,
            hour=_now(cases),
            labels=decision.labels,
            risk_locked=decision.risk_locked,
            risk_adapted=decision.risk_adapted,
            bias=kept.bias,
            weights=kept.weights,
            before=history.last,
        )
    )
    grown.save(folder)
    return grown


def answer_patient(bundle: OnnxBundle, measurements: Path, folder: Path) -> tuple[float, float, float]:
    """Answer the question that is due now: its hour, the risk with what is in force for the patient, the locked risk.

    Raises:
        ExportError: as :func:`update_patient` says.
        DataError: the measurements cannot be read.
    """
    plan, history = plan_of(bundle), read_history(folder, bundle)
    cases, risks, features = _asked(bundle, measurements)
    hours = hours_of(cases[-1:], risks[-1:], features[-1:], plan)
    risk = adapted(hours.logits, hours.features, history.adapter, plan.most_shift)
    return float(hours.asked[0]), float(risk[0]), float(risks[-1])


def _asked(bundle: OnnxBundle, measurements: Path) -> tuple[tuple[Case, ...], Array, Array]:
    recipe = load(bundle.path / "recipe.yaml")
    if not (isinstance(recipe, BedsideRecipe) and isinstance(recipe.data, HypotensionSettings)):
        raise ExportError(
            f"bundle {bundle.manifest.name!r} asks nothing again within a stay",
            "a bundle of the task icu_hypotension",
            "choose another bundle",
        )
    cases = read_stay(measurements, recipe.data)
    shown = bundle.model().shown(cases)
    features = shown.get(POOLED, np.zeros((len(cases), 0)))
    return cases, shown[OUTPUT][:, 1].astype(np.float64), features.astype(np.float64)


def _now(cases: tuple[Case, ...]) -> float:
    return max(case.span[0] for case in cases if case.span is not None)


def _said(run: BedsideRun, subject: Subject, seed: int, split: Split) -> tuple[Array, Array]:
    """Risks and pooled features of a trained network on a split."""
    stage = f"{subject}.{seed}"
    settings = run.recipe.personalise
    wide = settings is not None and settings.changes == "last_layer"
    told = ask(run.network(stage), run.cases(split), (LOGITS, POOLED) if wide else (LOGITS,))
    logits = calibrated_logits(np.stack(told[LOGITS]), run.facts(stage), run.cohort.head)
    features = np.stack(told[POOLED]) if wide else np.zeros((len(logits), 0))
    return probabilities(logits, run.cohort.head)[:, 1], features.astype(np.float64)


def _estimated(run: BedsideRun, later: Later, subject: Subject) -> Found:
    repeats = run.recipe.evaluate.bootstrap_repeats
    return estimate_personal(later.risks, later.truth, later.groups, subject, repeats, run.recipe.seed)


def _told(decision: Decision) -> str:
    if decision.accepted:
        return "patients adapted"
    return (
        "patients refused: too few labels"
        if decision.risk_locked is None
        else "patients refused by the guard"
    )
