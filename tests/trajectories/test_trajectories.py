"""Configurations that must agree: 20 steps, the same losses to 1e-5 and the same weights.

The update depends on the set of real tokens in a step. Into how many passes they are cut, how they are padded and
ordered, whether activations are kept or computed again, and how many processes share the work, does not matter.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import torch

from stillroom.signals import collect
from stillroom.train import fit
from stillroom.train.batches import pack
from stillroom.train.shardings import environment
from stillroom.train.steps import cut
from stillroom.types import Encoded
from train.tiny import model, rows, settings
from trajectories.worker import train

TOKENS_PER_STEP = 192
BASE: dict[str, Any] = {"steps": 20, "tokens_per_step": TOKENS_PER_STEP, "tokens_per_pass": TOKENS_PER_STEP}
LORA = {"rank": 4, "alpha": 8, "dropout": 0.0, "targets": ["q_proj", "v_proj"]}
Outcome = tuple[list[Mapping[str, float]], Mapping[str, torch.Tensor]]


@pytest.fixture(scope="module")
def signals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a teacher knows about every row."""
    folder = tmp_path_factory.mktemp("signals")
    collect(model(seed=9), rows(), folder, layers=(0, 1))
    return folder


def outcome(work: Path, signals: Path, **changes: object) -> Outcome:
    weights, figures, _ = train(work, signals, {**BASE, **changes})
    return figures, weights


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, signals: Path) -> Outcome:
    """Every step in one pass, in one process."""
    return outcome(tmp_path_factory.mktemp("base"), signals)


def assert_equal(found: Outcome, expected: Outcome) -> None:
    for step, (figures, wanted) in enumerate(zip(found[0], expected[0], strict=True), 1):
        assert figures.keys() == wanted.keys()
        for name, value in figures.items():
            assert value == pytest.approx(wanted[name], rel=1e-5, abs=1e-5), f"{name} of step {step}"
    for name, weight in found[1].items():
        torch.testing.assert_close(weight, expected[1][name], rtol=1e-4, atol=1e-5, msg=name)


@pytest.mark.parametrize("passes", [4, 8])
def test_accumulation(base: Outcome, signals: Path, tmp_path: Path, passes: int) -> None:
    assert_equal(outcome(tmp_path, signals, tokens_per_pass=TOKENS_PER_STEP // passes), base)


def test_gradient_checkpointing(base: Outcome, signals: Path, tmp_path: Path) -> None:
    assert_equal(outcome(tmp_path, signals, gradient_checkpointing=True), base)


def test_bfloat16_reads_what_was_recorded_and_is_near(base: Outcome, signals: Path, tmp_path: Path) -> None:
    figures, _ = outcome(tmp_path, signals, precision="bfloat16", steps=2)
    assert figures[0]["loss"] == pytest.approx(base[0][0]["loss"], rel=5e-3)


def test_a_pass_size_found_by_itself(base: Outcome, signals: Path, tmp_path: Path) -> None:
    assert_equal(outcome(tmp_path, signals, tokens_per_pass="auto", memory_budget_gib=0.0008), base)


def backwards(rows: list[Encoded], tokens: int, *, packing: bool) -> list[tuple[Encoded, ...]]:
    return [piece[::-1] for piece in cut(rows, tokens)[::-1]]


def one_by_one(rows: list[Encoded], tokens: int, *, packing: bool) -> list[tuple[Encoded, ...]]:
    return [(row,) for row in rows]


def long_with_short(rows: list[Encoded], tokens: int, *, packing: bool) -> list[tuple[Encoded, ...]]:
    """Pad as much as can be: the longest rows beside the shortest."""
    ordered = sorted(rows, key=lambda row: len(row.ids))
    return [tuple(ordered[start::3]) for start in range(min(3, len(ordered)))]


@pytest.mark.parametrize("rule", [backwards, one_by_one, long_with_short])
def test_bucket_order_and_padding(base: Outcome, signals: Path, tmp_path: Path, monkeypatch, rule) -> None:
    monkeypatch.setattr("stillroom.train.loop.cut", rule)
    assert_equal(outcome(tmp_path, signals), base)


def test_packing(base: Outcome, signals: Path, tmp_path: Path, monkeypatch) -> None:
    """The same steps, each pass laid end to end."""
    monkeypatch.setattr(sys.modules[fit.__module__], "collate", pack)
    assert_equal(outcome(tmp_path, signals), base)


def test_two_processes(base: Outcome, signals: Path, tmp_path: Path) -> None:
    """Some steps have fewer passes than processes, or an odd number of them."""
    first, second = two_processes(
        tmp_path,
        signals,
        {
            **BASE,
            "tokens_per_pass": 48,
            "gradient_checkpointing": True,
            "checkpoint_seconds": 1e-9,
            "keep_checkpoints": 30,
        },
    )
    assert_equal((first["figures"], first["weights"]), base)
    assert second["figures"] == first["figures"]
    assert (first["told"], second["told"]) == (list(range(1, 21)), []), "only the first process tells"
    assert first["written"] == 20, "only the first process writes"
    assert first["told_again"] == list(range(10, 21)), "both go on from the checkpoint of step 9"
    for name, weight in first["weights"].items():
        others = (second["weights"], first["weights_again"], second["weights_again"])
        assert all(torch.equal(weight, other[name]) for other in others), name


DIVIDED = {
    **BASE,
    "tokens_per_pass": 96,
    "max_grad_norm": 0.5,
    "early_stopping": {"figure": "loss", "patience": 20},
    "evaluate_every_share": 0.25,
    "checkpoint_seconds": 1e-9,
    "keep_checkpoints": 30,
}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="all weights"),
        pytest.param({"gradient_checkpointing": True}, id="recomputed", marks=pytest.mark.slow),
        pytest.param(
            {"tokens_per_pass": "auto", "memory_budget_gib": 0.0008}, id="auto", marks=pytest.mark.slow
        ),
        pytest.param({"lora": LORA}, id="adapters", marks=pytest.mark.slow),
        pytest.param({"packing": True}, id="packed", marks=pytest.mark.slow),
        pytest.param({"precision": "bfloat16"}, id="bfloat16", marks=pytest.mark.slow),
    ],
)
def test_two_processes_that_divide_the_weights(
    signals: Path, tmp_path: Path, changes: Mapping[str, object]
) -> None:
    """FSDP2, with clipping, best weights, and going on from a checkpoint."""
    both = {**DIVIDED, **changes}
    alone, alone_figures, _ = train(tmp_path / "alone", signals, both)
    first, second = two_processes(tmp_path / "divided", signals, both, environment("fsdp2"))
    if "precision" in changes:  # which sums are rounded differs
        assert first["figures"][0]["loss"] == pytest.approx(alone_figures[0]["loss"], rel=5e-3)
    else:
        assert_equal((first["figures"], first["weights"]), (alone_figures, alone))
    assert (first["told"], second["told"]) == (list(range(1, 21)), []), "only the first process tells"
    assert first["written"] == 20, "only the first process writes"
    assert first["told_again"] == list(range(10, 21)), "both go on from the checkpoint of step 9"
    for name, weight in first["weights"].items():
        others = (second["weights"], first["weights_again"], second["weights_again"])
        assert all(torch.equal(weight, other[name]) for other in others), name
    go_on_alone, _, told = train(tmp_path / "divided", signals, both)
    assert told == [], "one process reads what two have written"
    for name, weight in first["weights"].items():
        assert torch.equal(weight, go_on_alone[name]), name


def two_processes(
    folder: Path,
    signals: Path,
    changes: Mapping[str, object],
    further: Mapping[str, str] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Start what a launcher would start, and wait for both."""
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "trajectories.worker", str(folder), str(signals), json.dumps(changes)]
    common = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
        **further,
    }
    started = [
        subprocess.Popen(
            command, env={**common, "RANK": rank, "LOCAL_RANK": rank}, stderr=subprocess.PIPE, text=True
        )
        for rank in ("0", "1")
    ]
    try:
        for process in started:
            _, errors = process.communicate(timeout=240)
            assert process.returncode == 0, errors
    finally:
        for process in started:
            process.kill()
            process.wait()
    return [torch.load(folder / f"rank{rank}.pt") for rank in (0, 1)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_validation_is_normalised_as_training_is(tmp_path: Path) -> None:
    """The same rows at the same weights have the same loss, measured or learned from."""
    one_step = settings(
        steps=1, tokens_per_step=4096, tokens_per_pass=64, learning_rate=1e-12, evaluate_every_share=1.0
    )
    record = fit(model(), rows(), one_step, seed=1, work=tmp_path, key="run", validation=rows())
    figures = record.points[0].figures
    assert figures["validation_loss"] == pytest.approx(figures["loss"], rel=1e-6)
