"""The whole path on four real hospitals: thresholds on validation data, figures, gates, failures."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from shared_data import shared_data
from stillroom import validate
from stillroom.types import Evidence

FEATURES = ("age", "sex", "cp", "trestbps", "restecg", "thalach", "exang", "oldpeak")
SETTINGS = validate.ClassificationSettings(
    classes=("healthy", "ill"), threshold={"rule": "sensitivity", "value": 0.95}, bootstrap_repeats=200
)


@pytest.fixture(scope="module")
def split() -> dict[str, np.ndarray]:
    with gzip.open(shared_data("heart_disease_uci") / "heart_disease.csv.gz", "rt") as file:
        rows = list(csv.DictReader(file))
    part = np.arange(len(rows)) % 3
    return {
        "x": np.array([[float(row[name] or "nan") for name in FEATURES] for row in rows]),
        "y": np.array([float(row["num"]) > 0 for row in rows]).astype(int),
        "site": np.array([row["site"] for row in rows]),
        "part": part,
    }


@pytest.fixture(scope="module")
def predictions(split: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    train = split["part"] == 0
    filled = np.nan_to_num(split["x"], nan=-1.0)
    teacher = HistGradientBoostingClassifier(random_state=0).fit(split["x"][train], split["y"][train])
    control = LogisticRegression(max_iter=5000).fit(filled[train], split["y"][train])
    return {
        "teacher": teacher.predict_proba(split["x"])[:, 1],
        "control": control.predict_proba(filled)[:, 1],
        "student": (teacher.predict_proba(split["x"])[:, 1] + control.predict_proba(filled)[:, 1]) / 2,
    }


@pytest.fixture(scope="module")
def evidence(split: dict[str, np.ndarray], predictions: dict[str, np.ndarray]) -> Evidence:
    parts = {name: split["part"] == at for at, name in enumerate(("train", "validation", "test"))}
    of = {name: {who: p[inside] for who, p in predictions.items()} for name, inside in parts.items()}
    thresholds = validate.choose_thresholds(of["validation"], split["y"][parts["validation"]], SETTINGS)
    test = parts["test"]
    return validate.measure_classification(
        of["test"],
        split["y"][test],
        [str(at) for at in np.flatnonzero(test)],
        SETTINGS,
        thresholds=thresholds,
        subgroups={"site": split["site"][test].tolist()},
    )


def test_figures_of_every_hospital_are_those_of_its_patients(
    evidence: Evidence, split: dict[str, np.ndarray], predictions: dict[str, np.ndarray]
) -> None:
    for site in ("cleveland", "hungarian", "va"):
        inside = (split["part"] == 2) & (split["site"] == site)
        area = roc_auc_score(split["y"][inside], predictions["student"][inside])
        assert evidence.value(f"auroc/site:{site}", "student").value == pytest.approx(area)


def test_a_critical_use_is_not_demonstrated_by_three_hundred_patients(evidence: Evidence) -> None:
    judged = validate.judge(evidence, (), tiers=validate.load_tiers("critical"))
    fnr = next(gate for gate in judged.gates if (gate.metric, gate.subject) == ("fnr", "student"))
    positives = evidence.value("fnr", "student").trials
    assert positives
    assert 140 < positives < 200
    assert fnr.verdict in {"fail", "not_demonstrated"}
    assert fnr.bound > 0.02
    assert validate.exit_code(judged) in {3, 4}


def test_a_hospital_with_few_healthy_patients_says_what_it_cannot_show(evidence: Evidence) -> None:
    specificity = evidence.value("specificity/site:switzerland", "student")
    assert specificity.n < 10
    assert specificity.ci_high - specificity.ci_low > 0.4
