"""A whole recipe in two processes: the result of one, kept and continued by either, and dead as one."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import PreTrainedTokenizerFast

from recipes.tiny import tiny_recipe
from stillroom.recipes import to_yaml

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
TRAINED = ("teacher", "control", "student")


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    folder = tmp_path_factory.mktemp("recipe")
    path = folder / "tiny.yaml"
    path.write_text(to_yaml(tiny_recipe(folder / "teacher", tokenizer)))
    return path


@pytest.fixture(scope="module")
def begun(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process has made before student and control are trained."""
    runs = tmp_path_factory.mktemp("begun")
    subprocess.run(command("signals", recipe, runs), check=True, capture_output=True, timeout=900)
    return runs


@pytest.fixture(scope="module")
def alone(recipe: Path, begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, and the rest, by one process."""
    return ran(recipe, gone_on(begun, tmp_path_factory.mktemp("alone")))


def gone_on(begun: Path, folder: Path) -> Path:
    return shutil.copytree(begun, folder, dirs_exist_ok=True)


def command(verb: str, recipe: Path, runs: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "stillroom", verb, str(recipe), "--runs", str(runs), *options]


def ran(recipe: Path, runs: Path, *options: str, verb: str = "run", launcher: Sequence[str] = ()) -> Path:
    """Run a recipe as a command, and return the run's folder."""
    line = [*launcher, *command(verb, recipe, runs, *options)[2 if launcher else 0 :]]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=900, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("run folder: ") + done.stdout.count("report: ") == 1, "only the first one prints"
    assert len(re.findall(r"^student.* 12/12", done.stderr, re.M)) == 1, done.stderr
    return runs / "tiny"


def weights(run_dir: Path, stage: str) -> dict[str, torch.Tensor]:
    return load_file(run_dir / stage / "model.safetensors")


def assert_close(found: Path, wanted: Path, *, atol: float = 1e-5) -> None:
    for stage in TRAINED:
        for name, weight in weights(wanted, stage).items():
            torch.testing.assert_close(
                weights(found, stage)[name], weight, rtol=1e-4, atol=atol, msg=f"{stage} {name}"
            )


def stages(run_dir: Path) -> dict[str, bool]:
    """Whether each stage was kept."""
    lines = json.loads((run_dir / "manifest.json").read_text())["stages"]
    return {line["name"]: line["kept"] for line in lines}


def key(run_dir: Path, stage: str) -> str:
    found: str = json.loads((run_dir / stage / "stage.json").read_text())["key"]
    return found


def test_two_processes_come_to_the_result_of_one(recipe: Path, alone: Path, tmp_path: Path) -> None:
    together = ran(recipe, tmp_path, "--processes", "2")
    # Student and control begin where the teacher ended, which differs by roundings (3e-6 at most): by 6e-5 at their end
    # where a processor's products depend on the size of a batch (AVX-512), by less elsewhere.
    assert_close(together, alone, atol=1e-4)
    assert key(together, "teacher") == key(alone, "teacher")
    for file in ("evidence.json", "report.html", "model_card.md", "bundle/manifest.json"):
        assert (together / file).is_file()


def test_what_one_process_began_two_go_on_with(
    recipe: Path, begun: Path, alone: Path, tmp_path: Path
) -> None:
    together = ran(recipe, gone_on(begun, tmp_path), "--processes", "2", verb="distil")
    assert [name for name, kept in stages(together).items() if kept] == [
        "prepare",
        "teach",
        "gate",
        "signals",
    ]
    assert_close(together, alone)
    assert [key(together, stage) for stage in TRAINED] == [key(alone, stage) for stage in TRAINED]


@pytest.mark.parametrize("launcher", ["torchrun", "accelerate"])
def test_launchers(recipe: Path, begun: Path, alone: Path, tmp_path: Path, launcher: str) -> None:
    bin_folder = Path(sys.executable).parent
    lines = {
        "torchrun": [str(bin_folder / "torchrun"), "--standalone", "--nproc-per-node", "2", "-m"],
        "accelerate": [
            str(bin_folder / "accelerate"),
            *("launch", "--multi_gpu", "--num_processes", "2", "--main_process_port", "0", "-m"),
        ],
    }
    together = ran(recipe, gone_on(begun, tmp_path), verb="distil", launcher=lines[launcher])
    assert_close(together, alone)


@pytest.mark.parametrize("options", [("--sharding", "fsdp2"), ("signals.source=live",)])
def test_divided_weights_and_a_live_teacher_in_each_process(
    recipe: Path, begun: Path, alone: Path, tmp_path: Path, options: Sequence[str]
) -> None:
    together = ran(recipe, gone_on(begun, tmp_path), "--processes", "2", *options, verb="distil")
    assert_close(together, alone)


def test_a_gate_that_refuses_ends_both_in_one_line(recipe: Path, tmp_path: Path) -> None:
    options = ("student.layers=[0, 1, 2, 3]", "teach.steps=1", "--processes", "2")
    done = subprocess.run(
        command("run", recipe, tmp_path, *options),
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith("stillroom: ")]
    assert len(lines) == 1
    assert "expected an interval below zero" in lines[0]
    assert "Traceback" not in done.stderr


def test_killed_together_they_go_on_together_and_end_with_the_same_bits(
    recipe: Path, begun: Path, tmp_path: Path
) -> None:
    """Also where only the first is killed: the other ends by itself, and lets the folder go."""
    longer = ("train.steps=30", "--processes", "2")
    for runs, kill in (("straight", None), ("group", os.killpg), ("first", os.kill)):
        line = command("distil", recipe, gone_on(begun, tmp_path / runs), *longer)
        with subprocess.Popen(line, stderr=subprocess.DEVNULL, start_new_session=True) as first:
            if kill:
                wait_for(tmp_path / runs / "tiny" / ".work", "student-*/checkpoint-*")
                kill(first.pid, signal.SIGKILL)
            assert first.wait(timeout=900) == (-signal.SIGKILL if kill else 0)
        assert (tmp_path / runs / "tiny" / "student").exists() is (kill is None)
        if kill:
            subprocess.run(line, check=True, capture_output=True, timeout=900)
            assert stages(tmp_path / runs / "tiny")["control"], "kept"
    straight = weights(tmp_path / "straight" / "tiny", "student")
    for runs in ("group", "first"):
        resumed = weights(tmp_path / runs / "tiny", "student")
        assert all(torch.equal(resumed[name], weight) for name, weight in straight.items())


def wait_for(folder: Path, pattern: str) -> None:
    for _ in range(10_000):
        if any(folder.glob(pattern)):
            return
        time.sleep(0.02)
    raise TimeoutError(f"no {pattern} in {folder}")
