from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from stillroom.cli.app import app
from stillroom.cli.sites import rows
from stillroom.recipes.sites import HeldOut, leave_one_site_out
from stillroom.types import Evidence, Metric, RecipeError, Subject

COLUMNS = "site,row,age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,num"


def metric(name: str, subject: Subject, value: float) -> Metric:
    return Metric(name, "test", subject, value, value - 0.1, value + 0.1, 30, "area", True)


def held_out(site: str, student: float) -> HeldOut:
    subjects: tuple[Subject, ...] = ("teacher", "control", "bundle")
    metrics = [metric("auroc", who, 0.8) for who in subjects] + [metric("auroc", "student", student)]
    return HeldOut(
        site, "auroc", Evidence((*metrics, metric("auroc_minus_control", "student", student - 0.8)))
    )


def test_a_row_for_each_hospital_and_the_means() -> None:
    told = list(rows([held_out("east", 0.75), held_out("west", 0.95)]))
    assert [row[0] for row in told] == ["east", "west", "mean"]
    assert told[0][1:] == [
        "30",
        "0.800 (0.700 to 0.900)",
        "0.800 (0.700 to 0.900)",
        "0.750 (0.650 to 0.850)",
        "0.800 (0.700 to 0.900)",
        "-0.050 (-0.150 to 0.050)",
        "–",
    ]
    assert told[2][2:] == ["0.800", "0.800", "0.850", "0.800", "0.050", "–"]


def test_a_task_without_sites_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="whose data name no sites"):
        leave_one_site_out("icu-mortality", [], tmp_path)


def two_sites(folder: Path) -> Path:
    random = np.random.default_rng(0)
    lines = [COLUMNS]
    for site in ("east", "west"):
        for row in range(40):
            ill = row % 2
            age = 50 + 10 * ill + random.normal(0, 3)
            lines.append(f"{site},{row},{age:.1f},1,4,130,240,0,0,150,0,1.0,2,0,3,{ill}")
    folder.mkdir()
    with gzip.open(folder / "heart_disease.csv.gz", "wt") as file:
        file.write("\n".join(lines))
    return folder


@pytest.mark.slow
def test_every_hospital_is_held_out_in_turn(tmp_path: Path) -> None:
    small = ["seeds=[1]", "teachers.trees.folds=2", "teachers.trees.model.rounds=5", "train.steps=5"]
    small += ["evaluate.bootstrap_repeats=100", "export.latency_repeats=20", "evaluate.gates=[]"]
    command = ["sites", "heart-disease", f"data.folder={two_sites(tmp_path / 'data')}", *small]
    told = CliRunner().invoke(app, [*command, "--runs", str(tmp_path / "runs")])
    assert told.exit_code == 0, told.output
    assert "east" in told.output
    assert "west" in told.output
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        "heart-disease-east",
        "heart-disease-west",
        "heart-disease-sites.json",
    }
