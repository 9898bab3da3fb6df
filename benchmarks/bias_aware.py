"""What a fairness term does to gaps between the sexes and to accuracy: the table of `docs/bedside.md`.

    python benchmarks/bias_aware.py FOLDER RUNS

FOLDER holds heart_disease_uci. Patients of all four sites, 40 % of them in the test. The weight of each term is chosen
on validation data: the smallest gap among those that cost at most 0.02 nats of log loss there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from stillroom.data.bedside.store import load_saved
from stillroom.models.bedside.backbones import build_network
from stillroom.models.bedside.network import Form
from stillroom.recipes import load, run
from stillroom.recipes.bedside.answers import probabilities
from stillroom.recipes.bedside.shared import SAID
from stillroom.recipes.bedside_recipe import BedsideRecipe
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.fit import fit_cases
from stillroom.train.bedside.objective import CaseObjectiveSettings, CaseTermSettings
from stillroom.types.cases import LOGITS, Case, Cohort
from stillroom.validate.classification.ranking import Ranked
from stillroom.validate.comparison import Found
from stillroom.validate.seeds import over_seeds
from stillroom.validate.statistics.measures import Draw, Weighed

Array = NDArray[np.float64]
TERMS = {"demographic_parity": "mean_gap", "equalised_odds": "odds_gap"}
"""Each term, and the gap that it is to close."""
WEIGHTS = (1.0, 3.0, 10.0, 30.0)
MOST_LOST = 0.02
REPEATS = 1000


def main() -> None:
    """Train, choose and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", type=Path)
    chosen = parser.parse_args()
    lines = [f"data.folder={chosen.folder}", "data.held_out=null", "data.test_share=0.4", "name=heart-sexes"]
    lines += ["evaluate.shift=null"]
    recipe = load("heart-disease", lines)
    assert isinstance(recipe, BedsideRecipe)
    made = run(recipe, chosen.runs, until="signals").run_dir
    cohort, signals = load_saved(made / "cohort" / "cohort"), CaseSignals.load(made / "signals" / SAID)
    plain = trained(recipe, cohort, signals, {})
    for term, gap in TERMS.items():
        tried = {weight: trained(recipe, cohort, signals, {term: weight}) for weight in WEIGHTS}
        weight = choose(cohort.splits["validation"], plain, tried, gap)
        print(f"\n{term}, weight {weight:g}; test n = {len(cohort.splits['test'])}, seeds {recipe.seeds}")
        show(cohort.splits["test"], plain, tried[weight])


Said = Mapping[int, Mapping[str, Array]]
"""By seed and split: the probability of disease."""


def trained(recipe: BedsideRecipe, cohort: Cohort, signals: CaseSignals, terms: Mapping[str, float]) -> Said:
    """Students of every seed with further terms, and what they say."""
    further = {
        name: CaseTermSettings.model_validate({"loss": name, "weight": weight, "of": "labels"})
        for name, weight in terms.items()
    }
    objective = CaseObjectiveSettings(terms={**recipe.objective.terms, **further}, subgroups="sex")
    said = {}
    for seed in recipe.seeds:
        network = build_network(recipe.student, Form.of(cohort), seed)
        network.fit_inputs(cohort.splits["train"])
        with TemporaryDirectory() as work:
            fit_cases(
                network,
                cohort.splits["train"],
                recipe.train,
                objective,
                cohort.head,
                seed=seed,
                work=Path(work),
                key="bias aware",
                signals=signals,
                validation=cohort.splits["validation"],
            )
        said[seed] = {
            split: probabilities(np.stack(ask(network, cohort.splits[split])[LOGITS]), cohort.head)[:, 1]
            for split in ("validation", "test")
        }
    return said


def choose(cases: tuple[Case, ...], plain: Said, tried: Mapping[float, Said], gap: str) -> float:
    """The weight with the smallest mean gap on validation data that costs little log loss there."""

    def mean(said: Said, name: str) -> float:
        return float(np.mean([figure(cases, of["validation"], name) for of in said.values()]))

    for weight, said in tried.items():
        print(
            f"validation, weight {weight:g}: {gap} {mean(said, gap):.3f}, log loss {mean(said, 'log_loss'):.3f}"
        )
    allowed = {w: s for w, s in tried.items() if mean(s, "log_loss") <= mean(plain, "log_loss") + MOST_LOST}
    return min(allowed or tried, key=lambda weight: mean(tried[weight], gap))


def show(cases: tuple[Case, ...], plain: Said, fair: Said) -> None:
    """Both students and their paired difference, with 95 % intervals over patients and seeds."""
    founds = [
        over_seeds([measured(cases, of["test"]) for of in said.values()], seed=0) for said in (plain, fair)
    ]
    for key in founds[0]:
        told = [found[key] for found in founds]
        cells = [f"{of.value:.3f} ({of.interval()[0]:.3f} to {of.interval()[1]:.3f})" for of in told]
        apart = told[1] - told[0]
        low, high = apart.interval()
        print(f"{key[0]:20} | {cells[0]} | {cells[1]} | {apart.value:+.3f} ({low:+.3f} to {high:+.3f})")


def measured(cases: tuple[Case, ...], said: Array) -> Found:
    """Every figure, on draws of patients that are the same for all students."""
    draw = Draw.of([case.group for case in cases], REPEATS, 0, "bias aware")
    rarest = np.ones(len(cases), dtype=bool)
    return {
        (name, "", "student"): Weighed(name, of, rarest).estimate(draw) for name, of in figures(cases, said)
    }


def figure(cases: tuple[Case, ...], said: Array, name: str) -> float:
    """One figure on all cases."""
    return float(dict(figures(cases, said))[name](np.ones((1, len(cases))))[0])


def figures(cases: tuple[Case, ...], said: Array) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Accuracy, and gaps between the sexes, from how often each case was drawn."""
    ill = np.array([case.target == 1 for case in cases])
    woman = np.array([case.keys["sex"] == "female" for case in cases])
    alarm = (said >= 0.5).astype(float)
    right = np.where(ill, said, 1 - said)

    def mean(values: Array, inside: NDArray[np.bool_]) -> Callable[[Array], Array]:
        return lambda weights: (weights * inside) @ values / np.maximum((weights * inside).sum(1), 1e-9)

    def gap(values: Array, inside: NDArray[np.bool_]) -> Callable[[Array], Array]:
        women, men = mean(values, inside & woman), mean(values, inside & ~woman)
        return lambda weights: np.abs(women(weights) - men(weights))

    everyone = np.ones(len(cases), dtype=bool)
    misses, false = gap(alarm, ill), gap(alarm, ~ill)
    yield "auroc", Ranked(said, ill).auroc
    yield "accuracy", mean((alarm == ill).astype(float), everyone)
    yield "log_loss", mean(-np.log(np.maximum(right, 1e-12)), everyone)
    yield "mean_gap", gap(said, everyone)
    yield "alarm_gap", gap(alarm, everyone)
    yield "sensitivity_gap", misses
    yield "false_alarm_gap", false
    yield "odds_gap", lambda weights: np.maximum(misses(weights), false(weights))


if __name__ == "__main__":
    main()
