"""Fitting teachers, such that nobody is asked about a case that it learned from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stillroom.data.hashing import digest
from stillroom.models.bedside.backbones import build_network, save_network
from stillroom.models.bedside.dictionary import Dictionary
from stillroom.models.bedside.network import BedsideNetwork, Form
from stillroom.models.bedside.settings import BackboneSettings, DictionarySettings, TreesSettings
from stillroom.models.bedside.trees import Trees, tree_features
from stillroom.signals.cases import CaseSignals
from stillroom.train.bedside.asked import ask
from stillroom.train.bedside.collate import collate
from stillroom.train.bedside.fit import fit_cases, labelled
from stillroom.train.bedside.objective import hard_labels
from stillroom.train.bedside.settings import CaseTeacherSettings
from stillroom.train.settings import TrainSettings
from stillroom.types import Progress, TrainError
from stillroom.types.cases import LOGITS, Case, Cohort, Head
from stillroom.types.files import fingerprint

_READ_AT_ONCE, _READING = 64, "frozen layers read"

Array = NDArray[np.float32]

Told = dict[str, list[Array]]
"""Logits, and features by name, of each of some cases."""

Member = Callable[[Sequence[Case]], Told]
"""One fitted model of a committee."""


def cross_fit(
    settings: CaseTeacherSettings,
    cohort: Cohort,
    *,
    seed: int,
    work: Path,
    out: Path,
    key: str,
    task: str,
    progress: Progress,
    features: Sequence[str] = (),
) -> CaseSignals:
    """Fit a teacher's members, write them down, and ask them about every case of the cohort.

    Args:
        settings: the teacher.
        cohort: members learn from its training cases.
        seed: of every draw.
        work: checkpoints of networks.
        out: folder that the members are written to.
        key: identifies recipe and data.
        task: name for progress.
        progress: is told how far it is.
        features: what a network shows beside its logits and is to be kept.

    Returns:
        What is said of every case. Of a training case, by the member that did not see its patient; of the others, the
        logits of the mean distribution over members, and the first member's features.

    Raises:
        TrainError: fewer training patients than folds, a feature that the teacher does not show, or as training a
            network says.
        ModelError: trees cannot be fitted to such targets.
    """
    train = cohort.splits["train"]
    fold_of = {case.group: digest("fold", seed, case.group) % settings.folds for case in train}
    if settings.folds > 1 and len(set(fold_of.values())) < settings.folds:
        raise TrainError(
            f"{len(fold_of)} training patients for {settings.folds} folds", "some in each", "lower `folds`"
        )
    others = (*cohort.splits["validation"], *cohort.splits["test"])
    fit = _fitter(settings, cohort, key, features, progress)
    said: dict[str, dict[str, Array]] = {name: {} for name in (LOGITS, *features)}
    votes: list[Told] = []
    for fold in range(settings.folds):
        progress(task, fold, settings.folds)
        seen = [case for case in train if settings.folds == 1 or fold_of[case.group] != fold]
        left_out = [case for case in train if settings.folds == 1 or fold_of[case.group] == fold]
        title = f"{task}, member {fold + 1}" if settings.folds > 1 else task
        member = fit(title, seen, seed + fold, work / str(fold), out / str(fold))
        for name, told in member(left_out).items():
            said[name] |= _by_content(left_out, told)
        votes.append(member(others))
    progress(task, settings.folds, settings.folds)
    mean = _mean_logits if cohort.head.kind == "classes" else _mean
    agreed = [mean(list(of)) for of in zip(*(vote[LOGITS] for vote in votes), strict=True)]
    for name, told in (votes[0] | {LOGITS: agreed}).items():
        said[name] |= _by_content(others, told)
    return CaseSignals(list(said[LOGITS]), {name: list(of.values()) for name, of in said.items()})


def _by_content(cases: Sequence[Case], told: Sequence[Array]) -> dict[str, Array]:
    return {case.sha256: array for case, array in zip(cases, told, strict=True)}


Fit = Callable[[str, Sequence[Case], int, Path, Path], Member]
"""Fits a member of some name to cases, from a seed, with a folder for checkpoints and one to be written to."""


def _fitter(
    settings: CaseTeacherSettings, cohort: Cohort, key: str, features: Sequence[str], progress: Progress
) -> Fit:
    if not isinstance(settings.model, TreesSettings | DictionarySettings):
        assert settings.train is not None
        return _NetworkFitter(settings.model, settings.train, cohort, key, (LOGITS, *features), progress)
    if features:
        raise TrainError(
            f"features {', '.join(features)} of {settings.model.kind}",
            "a network as the teacher",
            "leave out `signals.features`",
        )
    if isinstance(settings.model, TreesSettings):
        return _TreesFitter(settings.model, cohort)
    return _DictionaryFitter(settings.model, cohort.head)


class _TreesFitter:
    """Works out once what trees read of each case."""

    def __init__(self, settings: TreesSettings, cohort: Cohort) -> None:
        self._settings, self._head = settings, cohort.head
        cases = [case for of in cohort.splits.values() for case in of]
        self._features = dict(zip([case.id for case in cases], tree_features(cases), strict=True))

    def __call__(self, name: str, cases: Sequence[Case], seed: int, work: Path, out: Path) -> Member:
        targets = np.stack([case.target for case in cases])
        trees = Trees.fit(self._settings, self._of(cases), targets, self._head, seed)
        trees.save(out.with_suffix(".txt"))
        return lambda asked: {LOGITS: list(trees.logits(self._of(asked)))}

    def _of(self, cases: Sequence[Case]) -> Array:
        return np.stack([self._features[case.id] for case in cases])


class _DictionaryFitter:
    """Collects names."""

    def __init__(self, settings: DictionarySettings, head: Head) -> None:
        self._settings, self._head = settings, head

    def __call__(self, name: str, cases: Sequence[Case], seed: int, work: Path, out: Path) -> Member:
        dictionary = Dictionary.fit(self._settings, labelled(cases), self._head)
        dictionary.save(out.with_suffix(".json"))
        return lambda asked: {LOGITS: [dictionary.logits(case) for case in asked]}


class _NetworkFitter:
    """Trains a network on hard labels, its start and its draws from the seed."""

    def __init__(
        self,
        settings: BackboneSettings,
        train: TrainSettings,
        cohort: Cohort,
        key: str,
        asked_for: Sequence[str],
        progress: Progress,
    ) -> None:
        self._settings, self._train, self._cohort, self._key = settings, train, cohort, key
        self._form, self._asked_for, self._progress = Form.of(cohort), asked_for, progress

    def __call__(self, name: str, cases: Sequence[Case], seed: int, work: Path, out: Path) -> Member:
        network = build_network(self._settings, self._form, seed)
        if network.remembers:
            self._recall(network)
        network.fit_inputs(cases)
        fit_cases(
            network,
            labelled(cases),
            self._train,
            hard_labels(self._cohort.head.kind),
            self._cohort.head,
            seed=seed,
            work=work,
            key=fingerprint([self._key, seed]),
            validation=self._cohort.splits["validation"],
            task=name,
            progress=self._progress,
        )
        save_network(network, self._settings, self._form, out)
        return lambda asked: ask(network, asked, self._asked_for)

    def _recall(self, network: BedsideNetwork) -> None:
        """Let what is frozen read the cohort, which takes its time once, and tell how far it is."""
        cases = [case for of in self._cohort.splits.values() for case in of]
        for start in range(0, len(cases), _READ_AT_ONCE):
            self._progress(_READING, start, len(cases))
            network.recall(collate(cases[start : start + _READ_AT_ONCE]).inputs)
        self._progress(_READING, len(cases), len(cases))


def _mean_logits(votes: Sequence[Array]) -> Array:
    """Log of the mean distribution."""
    stacked = np.stack(votes).astype(np.float64)
    stacked -= stacked.max(-1, keepdims=True)
    probabilities = np.exp(stacked) / np.exp(stacked).sum(-1, keepdims=True)
    return np.asarray(np.log(probabilities.mean(0)), dtype=np.float32)


def _mean(votes: Sequence[Array]) -> Array:
    return np.asarray(np.stack(votes).mean(0), dtype=np.float32)
