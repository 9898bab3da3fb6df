"""The engine benchmark counts right, and its programs compute one loss."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
import torch

from losses.scripts import ROOT, load


@pytest.fixture(autouse=True)
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")


@pytest.fixture
def growth() -> ModuleType:
    return load("benchmarks/engine_growth.py")


def test_fused_and_dense_are_one_loss_and_fused_needs_less(growth: ModuleType) -> None:
    given = growth.make_inputs(growth.Size(64, 5_000, 32), "cpu")
    torch.testing.assert_close(growth.fused(given), growth.dense(given), rtol=1e-5, atol=0)
    gradients = [
        torch.autograd.grad(loss(given), [given.hidden, given.weight])
        for loss in (growth.fused, growth.dense)
    ]
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-5)
    row = growth.measure(growth.Size(4_096, 5_000, 32), "cpu", repeats=0)
    assert row["fused_extra_bytes"] < row["dense_extra_bytes"] / 2
    assert row["fused_seconds"] > 0


@pytest.mark.parametrize("name", ["fused", "dense"])
def test_counting_without_computing_counts_the_same(growth: ModuleType, name: str) -> None:
    loss = getattr(growth, name)
    size = growth.Size(64, 5_000, 32)
    counts = [growth.extra_bytes(loss, growth.make_inputs(size, device)) for device in ("cpu", "meta")]
    assert counts[0] == counts[1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_extra_memory_of_the_loss_does_not_grow_with_tokens(growth: ModuleType, dtype: torch.dtype) -> None:
    """Beyond the gradient of the hidden states; at Liger's size at least the 84 % are saved that it publishes."""
    half, whole = (
        growth.extra_bytes(growth.fused, growth.make_inputs(growth.Size(tokens, 131_072), "meta", dtype))
        for tokens in (1_024, 2_048)
    )
    assert whole - half <= 3 * 1_024 * 256 * dtype.itemsize
    liger = growth.make_inputs(growth.SIZES[-1], "meta", dtype)
    fused, dense = (growth.extra_bytes(loss, liger) for loss in (growth.fused, growth.dense))
    assert fused < 0.16 * dense


def test_the_needed_work_is_that_of_the_matrix_products(make_model) -> None:
    """Against the operations that PyTorch counts, whose attention looks at all pairs."""
    from engine_case import Case, needed_flops
    from torch.utils.flop_counter import FlopCounterMode

    model, case = make_model(layers=2), Case(3, 16, 1, "float32", "cpu", 50)
    ids = torch.stack([torch.from_numpy(row.ids) for row in case.rows(100)])
    with FlopCounterMode(display=False) as counted:
        states = model.network.model(ids, use_cache=False).last_hidden_state[:, 1:]
        _ = states @ model.network.lm_head.weight.T
    config = model.network.config
    live, hidden = (needed_flops(case, config, config, name) for name in ("live", "sampled"))
    forward = live - hidden
    assert forward == pytest.approx(counted.get_total_flops(), rel=0.05)
    assert hidden == 3 * forward


def test_a_case_is_read_as_it_was_written(tmp_path: Path) -> None:
    from engine_case import Case

    case = Case(2, 8, 3, "float32", "cpu", 50)
    case.save(tmp_path)
    assert Case.load(tmp_path) == case
    assert sum(len(row.targets) for row in case.rows(100)) == case.responses


def test_figures_are_kept_as_they_are_found_and_taken_up_again(tmp_path: Path) -> None:
    from engine_machine import Findings

    path, key = tmp_path / "run.partial", {"batch": 8}
    Findings(key, path).keep("steps", "live", {"seconds": [1.0]})
    again = Findings(key, path, resume=True)
    assert again.once("steps", "live", lambda: pytest.fail("measured twice")) == {"seconds": [1.0]}
    assert again.once("grid", "1 x 8", lambda: 2.0) == 2.0
    assert Findings(key, path, resume=True).section("grid") == {"1 x 8": 2.0}
    assert Findings(key, path).section("steps") == {}
    with pytest.raises(SystemExit, match="another case"):
        Findings({"batch": 4}, path, resume=True)


def test_the_page_shows_what_was_measured_and_nothing_else() -> None:
    from engine_table import page

    machine = {
        "processor": "A processor",
        "threads": 2,
        "features": ["avx2"],
        "python": "3.11",
        "torch": "2",
        "load_average": 0.5,
    }
    cells = [{"batch": batch, "time": 8, "seconds": batch / 2, "peak_bytes": batch << 30} for batch in (1, 2)]
    growth = [
        {
            "tokens": 8,
            "vocab": 100,
            "width": 4,
            "fused_extra_bytes": 1 << 20,
            "dense_extra_bytes": 8 << 20,
            "fused_seconds": 0.25,
        }
    ]
    assert len(page({"machine": machine})) == 1
    lines = page({"machine": machine, "grid": cells, "growth": growth})
    assert "| 2 | 1.00 s, 16/s, 2.00 GiB |" in lines
    assert "| 8 | 100 | 4 | 0.25 | – | 1 | 8 | 87.5% |" in lines


PROGRAM = """
import json, pathlib, sys

case = json.loads((pathlib.Path(sys.argv[2]) / "case.json").read_text())
tokens = case["batch"] * case["time"]
for line in sys.stdin:
    if line != "go\\n":
        break
    slow = 4.0 if sys.argv[1] == "trl" else 1.0
    print(json.dumps({"seconds": slow * tokens, "loss": 3.0}), flush=True)
print(json.dumps({"peak_bytes": tokens}), flush=True)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs that need no model: a step of TRL takes four times as long."""
    import engine_pairs
    from engine_case import STUDENT, TEACHER, Case

    (tmp_path / "program.py").write_text(PROGRAM)
    monkeypatch.setattr(engine_pairs, "WORKER", tmp_path / "program.py")
    monkeypatch.setattr(engine_pairs, "find_spec", lambda _: True)
    Case(2, 8, 1, "float32", "cpu", 50).save(tmp_path)
    for name in (TEACHER, STUDENT):
        (tmp_path / name).mkdir()
    return tmp_path


def test_programs_take_turns_and_a_stopped_run_goes_on(programs: Path) -> None:
    from engine_case import Case
    from engine_machine import Findings
    from engine_pairs import OURS, check_losses, compare, summarise

    case, findings = Case.load(programs), Findings({}, programs / "run.partial")
    results = compare(programs, case, 2, findings)
    check_losses(results)
    rows = summarise(results, case, dict.fromkeys(("trl", *OURS), 160), 10.0)
    assert [row["times_trl"] for row in rows] == [None, 4.0, 4.0, 4.0]
    assert rows[1]["share_of_matrix_peak"] == 1.0
    assert len(results["trl"]["seconds"]) == 2 * len(OURS)

    del results["sampled"], results["trl"]
    findings.keep("steps", "live", {**results["live"], "loss": 3.001})
    again = Findings({}, programs / "run.partial", resume=True)
    assert set(compare(programs, case, 2, again)) == {"trl", *OURS}
    assert again.section("steps")["live"]["loss"] == 3.001


def test_programs_that_disagree_are_not_compared() -> None:
    from engine_pairs import check_losses

    with pytest.raises(SystemExit, match="first losses differ"):
        check_losses({"trl": {"loss": 3.0}, "live": {"loss": 3.1}})


def test_the_step_is_measured_at_every_size_of_the_grid(programs: Path) -> None:
    from engine_case import Case
    from engine_machine import Findings
    from engine_pairs import grid

    cells = grid(programs, Case.load(programs), [1, 2], [4, 8], 1, Findings({}))
    assert [(cell["batch"], cell["time"], cell["seconds"]) for cell in cells] == [
        (1, 4, 4.0),
        (1, 8, 8.0),
        (2, 4, 8.0),
        (2, 8, 16.0),
    ]
