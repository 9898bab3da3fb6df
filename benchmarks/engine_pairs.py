"""Programs of the engine benchmark as processes: two by turns, or one over a grid of sizes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from engine_case import STUDENT, TEACHER, Case, Program
from engine_machine import Findings

OURS: tuple[Program, ...] = ("live", "hidden", "sampled")
WORKER = Path(__file__).with_name("engine_worker.py")
_MOST_LOSS_GAP = 1e-3


class Worker:
    """A program in its own process."""

    def __init__(self, program: Program, folder: Path, device: str) -> None:
        hidden = {"CUDA_VISIBLE_DEVICES": ""} if device == "cpu" else {}
        self._log = (folder / f"{program}.log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, WORKER, program, folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **hidden},
        )

    def step(self) -> dict[str, float]:
        """Let it take one step: ``seconds`` and ``loss``."""
        return self._ask("go")

    def stop(self) -> int:
        """End it; its peak memory in bytes."""
        peak = int(self._ask("stop")["peak_bytes"])
        self._process.communicate()
        self._log.close()
        return peak

    def _ask(self, line: str) -> dict[str, float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(line, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            self._log.seek(0)
            raise SystemExit(f"a program of the benchmark ended:\n{self._log.read()[-3000:]}")
        facts: dict[str, float] = json.loads(answer)
        return facts


def compare(folder: Path, case: Case, pairs: int, findings: Findings) -> dict[str, Any]:
    """Alternate TRL with each of ours that is not yet known; without TRL, measure ours alone."""
    known = findings.section("steps")
    missing = [program for program in OURS if program not in known]
    trl = Worker("trl", folder, case.device) if find_spec("trl") and (missing or "trl" not in known) else None
    first = trl.step() if trl else None
    for program in missing:
        findings.keep("steps", program, _by_turns(folder, case, program, trl, pairs))
        print(f"{program}: {known[program]}", file=sys.stderr, flush=True)
    if trl and first:
        theirs = [seconds for program in OURS for seconds in known[program]["trl_seconds"]]
        findings.keep("steps", "trl", {"loss": first["loss"], "seconds": theirs, "peak_bytes": trl.stop()})
    return known


def _by_turns(folder: Path, case: Case, program: Program, trl: Worker | None, pairs: int) -> dict[str, Any]:
    ours = Worker(program, folder, case.device)
    found: dict[str, Any] = {"loss": ours.step()["loss"], "seconds": [], "trl_seconds": []}
    for pair in range(pairs):
        turns = [(ours, "seconds"), (trl, "trl_seconds")]
        for worker, name in turns if pair % 2 else reversed(turns):
            if worker is not None:
                found[name].append(worker.step()["seconds"])
    return {**found, "peak_bytes": ours.stop()}


def check_losses(results: dict[str, Any]) -> None:
    """Refuse to compare programs that compute different numbers; draws are an estimate and shown beside."""
    exact = {name: results[name]["loss"] for name in ("trl", "live", "hidden") if name in results}
    if max(exact.values()) - min(exact.values()) > _MOST_LOSS_GAP * max(exact.values()):
        raise SystemExit(f"the programs' first losses differ: {exact}; expected one number")


def summarise(
    results: dict[str, Any], case: Case, flops: dict[str, int], peak: float
) -> list[dict[str, Any]]:
    """Medians over steps; ratios over pairs."""
    rows = []
    for program in (name for name in ("trl", *OURS) if name in results):
        found = results[program]
        seconds = median(found["seconds"])
        ratios = [t / s for s, t in zip(found["seconds"], found.get("trl_seconds", ()), strict=False)]
        rows.append(
            {
                "program": program,
                "loss": found["loss"],
                "seconds": seconds,
                "tokens_per_second": case.tokens / seconds,
                "times_trl": median(ratios) if ratios else None,
                "times_trl_range": [min(ratios), max(ratios)] if ratios else None,
                "peak_bytes": found["peak_bytes"],
                "memory_of_trl": found["peak_bytes"] / results["trl"]["peak_bytes"] if ratios else None,
                "share_of_matrix_peak": flops[program] / seconds / peak,
            }
        )
    return rows


def grid(
    folder: Path, case: Case, batches: Sequence[int], times: Sequence[int], steps: int, findings: Findings
) -> list[dict[str, Any]]:
    """The step with a live teacher at every size, each in a process of its own so that its memory is its own."""

    def cell(batch: int, time: int) -> Callable[[], dict[str, Any]]:
        return lambda: _alone(folder, replace(case, batch=batch, time=time), steps)

    return [
        findings.once("grid", f"{batch} x {time}", cell(batch, time)) for batch in batches for time in times
    ]


def _alone(folder: Path, case: Case, steps: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        for model in (TEACHER, STUDENT):
            (here / model).symlink_to(folder / model)
        case.save(here)
        worker = Worker("live", here, case.device)
        worker.step()
        seconds = [worker.step()["seconds"] for _ in range(steps)]
        found = {"batch": case.batch, "time": case.time, "seconds": median(seconds), "all_seconds": seconds}
        found["peak_bytes"] = worker.stop()
    print(f"grid: {found}", file=sys.stderr, flush=True)
    return found
