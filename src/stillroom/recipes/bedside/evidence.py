"""What every subject answers, and the evidence about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.tasks import TASKS
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import BedsideNetwork
from stillroom.recipes.bedside.answers import marks, probabilities
from stillroom.recipes.bedside.explain import explanations
from stillroom.recipes.bedside.numbers import measured_numbers
from stillroom.recipes.bedside.privacy import attacks
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside.shift import shifted
from stillroom.recipes.bedside.tagged import measured_entities
from stillroom.recipes.bedside.trained import trained_answers
from stillroom.recipes.classified import measured_of
from stillroom.recipes.told import Told
from stillroom.train.bedside.asked import ask
from stillroom.types import Evidence, Split, Subject
from stillroom.types.cases import LOGITS, UNKNOWN, Case
from stillroom.types.files import fingerprint
from stillroom.validate import ClassificationSettings, choose_thresholds
from stillroom.validate.classification.seeds import measure_over_seeds
from stillroom.validate.comparison import Found
from stillroom.validate.explain.measure import measure_fidelity
from stillroom.validate.seeds import made_once, over_seeds
from stillroom.validate.statistics.measures import Summed
from stillroom.validate.tasks.measure import measure_summed_over_seeds
from stillroom.validate.tasks.segmentation import segmentation

PARITY = "bundle_largest_difference"
"""Name of the fact: how far the bundle's answers are from the student's."""

_TOLD = ("dice", "hd95_mm")

Said = Sequence[NDArray[Any]]
"""What is said of each case, of any number of positions."""

Answers = Mapping[Subject, Said]


def classification_settings(run: BedsideRun) -> ClassificationSettings:
    """What is measured of the classifiers of a run."""
    return measured_of(run.recipe, run.cohort.head.names, _rare(run))


def _rare(run: BedsideRun) -> tuple[str, ...]:
    """Classes or labels that few training cases have."""
    names, truth = run.cohort.head.names, run.truth("train")
    if not run.recipe.evaluate.rare_cases:
        return ()
    many = marks(truth, run.cohort.head).sum(0)
    return tuple(n for n, of in zip(names, many, strict=True) if of < run.recipe.evaluate.rare_cases)


def answers(
    run: BedsideRun, splits: Sequence[Split], bundles: Mapping[int, Mapping[Split, Said]]
) -> dict[Split, dict[int, Answers]]:
    """Probabilities of every subject of every seed on some splits; the teacher's are the same object in all seeds.

    Args:
        run: the run, whose students are trained.
        splits: whose cases.
        bundles: what the bundle of each seed answered.
    """
    head, signals = run.cohort.head, run.signals()
    students = {seed: _students(run, seed) for seed in bundles}
    found: dict[Split, dict[int, Answers]] = {}
    for split in splits:
        cases = run.cases(split)
        teacher = [probabilities(of, head) for of in signals.each(LOGITS, cases)]
        found[split] = {
            seed: {
                "teacher": teacher,
                **_networks_say(run, seed, students[seed], cases),
                "bundle": said[split],
            }
            for seed, said in bundles.items()
        }
    return found


def _students(run: BedsideRun, seed: int) -> dict[Subject, BedsideNetwork]:
    untrained = build_network(run.recipe.student, run.form, seed)
    untrained.fit_inputs(run.cases("train"))
    trained: tuple[Subject, ...] = ("control", "student")
    return {"student_untrained": untrained, **{name: run.network(f"{name}.{seed}") for name in trained}}


def _networks_say(
    run: BedsideRun, seed: int, networks: Mapping[Subject, BedsideNetwork], cases: Sequence[Case]
) -> Answers:
    """Probabilities of each network, calibrated where it is trained."""
    return {
        who: [probabilities(of, run.cohort.head) for of in ask(network, cases)[LOGITS]]
        if who == "student_untrained"
        else trained_answers(run, f"{who}.{seed}", network, cases)
        for who, network in networks.items()
    }


def measured(run: BedsideRun, bundles: Mapping[int, Mapping[Split, Said]]) -> Evidence:
    """Measure all subjects of all seeds on the test split.

    Args:
        run: the run.
        bundles: what the bundle of each seed answered on the validation and the test split.
    """
    task = TASKS[run.recipe.data.task]
    has_thresholds = task.measured == "classes" and task.spacing_mm is None
    said = answers(run, ("test", "validation") if has_thresholds else ("test",), bundles)
    test = said["test"]
    if task.measured == "entities":
        evidence = measured_entities(run, test)
    elif task.measured == "numbers":
        evidence = _with_axes(run, measured_numbers(run, test), test)
    elif task.spacing_mm is not None:
        evidence = _outlines(run, test, task.spacing_mm)
    else:
        evidence = _decisions(run, test, said["validation"])
    facts: dict[str, str | float] = {
        PARITY: max(_parity(of) for of in test.values()),
        "primary": task.primary,
        "items_sha256": fingerprint([[case.group, case.target.tolist()] for case in run.cases("test")]),
    }
    return replace(evidence, facts={**(evidence.facts or {}), **facts})


def _stacked(said: Answers) -> dict[Subject, NDArray[Any]]:
    return {who: np.stack(of) for who, of in said.items()}


def _decisions(run: BedsideRun, test: Mapping[int, Answers], validation: Mapping[int, Answers]) -> Evidence:
    """Classes or labels of cases, with thresholds chosen on validation data."""
    settings = classification_settings(run)
    thresholds = {
        seed: choose_thresholds(_stacked(said), run.truth("validation"), settings)
        for seed, said in validation.items()
    }
    cases = run.cases("test")
    evidence = measure_over_seeds(
        {seed: _stacked(of) for seed, of in test.items()},
        run.truth("test"),
        [case.group for case in cases],
        settings,
        thresholds=thresholds,
        subgroups={key: [case.keys[key] for case in cases] for key in TASKS[run.recipe.data.task].subgroups},
    )
    return _with_axes(run, evidence, test)


def _with_axes(run: BedsideRun, evidence: Evidence, test: Mapping[int, Answers]) -> Evidence:
    """Add the axes that the recipe switches on."""
    asked, told = run.recipe.evaluate, Told(evidence)
    if asked.explain is not None:
        told.add(*explanations(run, asked.explain))
        told.add(_followed(run, test), {})
    if asked.privacy is not None:
        for attack in attacks(run, asked.privacy):
            told.add_attack(attack, asked.bootstrap_repeats, run.recipe.seed)
    if asked.shift is not None:
        told.add(*shifted(run, asked.shift, classification_settings(run)))
    return told.evidence


def _followed(run: BedsideRun, test: Mapping[int, Answers]) -> Found:
    """How closely the subjects follow the teacher on all test cases, class by class."""
    groups, repeats = [case.group for case in run.cases("test")], run.recipe.evaluate.bootstrap_repeats
    founds = [
        measure_fidelity(_stacked(said), groups, run.cohort.head.names, repeats, run.recipe.seed)
        for said in test.values()
    ]
    return over_seeds(founds, run.recipe.seed)


def _outlines(run: BedsideRun, test: Mapping[int, Answers], spacing_mm: tuple[float, ...]) -> Evidence:
    """Outlines of whole volumes, put together from their slices: an item is a volume."""
    cases, measure = run.cases("test"), run.recipe.evaluate
    truth = volumes(cases, run.truth("test"))

    def figures(said: Said) -> list[Summed]:
        predicted = volumes(cases, np.stack(said).argmax(-1))
        return segmentation(
            list(predicted.values()), list(truth.values()), run.cohort.head.names[1:], spacing_mm
        )

    return measure_summed_over_seeds(
        made_once(test, figures),
        list(truth),
        told=_TOLD,
        repeats=measure.bootstrap_repeats,
        seed=run.recipe.seed,
    )


def volumes(cases: Sequence[Case], labels: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Label maps of slices as volumes, by group, without the frame outside of which the truth is not known.

    Args:
        cases: slices, those of a volume in their order.
        labels: of every slice, ``(cases, height, width)``.
    """
    slices: dict[str, list[int]] = {}
    for at, case in enumerate(cases):
        slices.setdefault(case.group, []).append(at)
    found = {}
    for group, places in slices.items():
        known = np.stack([cases[at].target != UNKNOWN for at in places])
        rows, columns = known.any((0, 2)), known.any((0, 1))
        found[group] = labels[places][:, rows][:, :, columns]
    return found


def _parity(said: Answers) -> float:
    pairs = zip(said["bundle"], said["student"], strict=True)
    return max(float(np.abs(bundle - student).max()) for bundle, student in pairs)
