"""What teacher, control and student look at on test cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.models.bedside.network import BedsideNetwork
from stillroom.models.bedside.staged import Staged
from stillroom.models.bedside.trees import Trees, tree_features
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.recipes.bedside.teaching import members
from stillroom.train.bedside.collate import collate
from stillroom.types import Curve, RecipeError, Subject
from stillroom.types.cases import LOGITS, Case
from stillroom.validate.comparison import Found
from stillroom.validate.explain.explainer import Committee, Explainer, Remembered
from stillroom.validate.explain.measure import Explained, measure_explanations
from stillroom.validate.explain.networks import GradCamExplainer, NetworkExplainer, described
from stillroom.validate.explain.settings import ExplainSettings
from stillroom.validate.explain.trees import TreesExplainer
from stillroom.validate.seeds import over_seeds
from stillroom.validate.trial import Facts

GRAD_CAM = "grad_cam"
_REFERENCES = 1000
"""Training cases whose mean is the baseline."""

Methods = Mapping[str, Explainer]


def explanations(run: BedsideRun, settings: ExplainSettings) -> tuple[Found, Facts, tuple[Curve, ...]]:
    """Explain test cases by every subject of every seed; curves and facts are those of the first.

    Raises:
        RecipeError: the task has no one class for each case.
        MissingExtraError: captum is absent.
    """
    head = run.cohort.head
    if head.kind != "classes" or run.cases("test")[0].target.ndim:
        raise RecipeError(
            f"evaluate.explain of {head.kind} at every position", "one class for each case", "leave it out"
        )
    asked = _Asked(run, settings)
    together = asked.together([asked.methods(member) for member in members(run)])
    teacher = {part: Remembered(explainer) for part, explainer in together.items()}
    measured = [
        measure_explanations(
            asked.explained({"teacher": teacher, **asked.students(seed)}),
            settings,
            run.recipe.evaluate.bootstrap_repeats,
            run.recipe.seed,
        )
        for seed in run.recipe.seeds
    ]
    founds, facts, curves = zip(*measured, strict=True)
    return over_seeds(founds, run.recipe.seed), facts[0], curves[0]


@dataclass(frozen=True)
class _Asked:
    """The cases that are explained, and how."""

    run: BedsideRun
    settings: ExplainSettings

    @cached_property
    def cases(self) -> Sequence[Case]:
        """Test cases, chosen by hash."""
        return _chosen(self.run.cases("test"), self.settings.items, "explain", self.run.recipe.seed)

    @cached_property
    def reference(self) -> Sequence[Case]:
        """Training cases whose mean stands for what is not known."""
        return _chosen(self.run.cases("train"), _REFERENCES, "reference", self.run.recipe.seed)

    @cached_property
    def features(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What trees read of the cases, and of the training cases."""
        return tree_features(self.cases), tree_features(self.reference)

    def explained(self, explainers: Mapping[Subject, Methods]) -> Explained:
        """Every subject on the cases; explained is the class that the teacher holds likeliest."""
        names = self.run.cohort.head.names
        outputs = self.run.signals().of(LOGITS, self.cases).numpy().argmax(-1)
        return Explained(
            explainers,
            outputs.astype(np.int64),
            [f"class:{names[int(case.target)]}" for case in self.cases],
            [case.group for case in self.cases],
        )

    def students(self, seed: int) -> dict[Subject, Methods]:
        """Control and student of a seed."""
        subjects: tuple[Subject, ...] = ("control", "student")
        return {subject: self.methods(self.run.network(f"{subject}.{seed}")) for subject in subjects}

    def methods(self, model: BedsideNetwork | Trees) -> Methods:
        """Exact Shapley values of trees; integrated gradients of networks, and Grad-CAM of convolutional ones."""
        if isinstance(model, Trees):
            return {"": TreesExplainer(model, self.run.form, *self.features)}
        inputs, reference = (collate(of).inputs for of in (self.cases, self.reference))
        cases = described(model, self.run.form, inputs, reference, self.settings.patches)
        found: dict[str, Explainer] = {"": NetworkExplainer(model, cases, self.settings.steps)}
        if isinstance(model, Staged):
            found[GRAD_CAM] = GradCamExplainer(model, cases, self.settings.steps)
        return found

    def together(self, of_members: Sequence[Methods]) -> Methods:
        """Members as one, by each method that all have.

        Raises:
            RecipeError: they speak of different things.
        """
        if len({methods[""].units for methods in of_members}) > 1:
            raise RecipeError(
                "evaluate.explain of teachers that read channels and patches",
                "teachers whose attributions speak of the same",
                "leave it out",
            )
        shared = [part for part in of_members[0] if all(part in methods for methods in of_members)]
        return {part: Committee([methods[part] for methods in of_members]) for part in shared}


def _chosen(cases: Sequence[Case], most: int, *parts: object) -> list[Case]:
    """Some cases, in their order."""
    first = {case.id for case in sorted(cases, key=lambda case: digest(*parts, case.id))[:most]}
    return [case for case in cases if case.id in first]
