"""One distillation step beside TRL's GKD trainer, and how step and loss grow.

    make bench                                             # its own environment, then the tables
    python benchmarks/engine.py --batch 4 --pairs 2        # a smaller step
    python benchmarks/engine.py --json run.json --write    # JSON, and docs/performance.md
    python benchmarks/engine.py --json run.json --resume   # go on with a run that was stopped
    python benchmarks/engine.py --growth-only              # the loss alone, in minutes; --skip-growth for the rest
    python benchmarks/engine.py --grid-batch 1 2 4 8 --grid-time 108 216 432
    sh benchmarks/gpu_check.sh                             # on a GPU: the kernel's tests, then these tables

The teacher is SmolLM2-135M-Instruct (``stillroom models get smollm2-135m-instruct``), the student ten of its layers.
TRL and one way of Stillroom are two processes that wait for each other: a step of the one, a step of the other, the
first to go changing with every pair. A step is what the program's own loop does between two of its reports: batch,
forward, backward, clipping, AdamW. The first step of each is a warm-up; its losses must agree. Forward KL at
temperature 1 (TRL's GKD uses its temperature for sampling only), float32 or bfloat16 alike, no gradient checkpointing.
Both programs divide the sum over response tokens by their number, so their losses are one number.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from engine_case import STUDENT, TEACHER, Case, needed_flops
from engine_growth import SIZES, measure
from engine_machine import Findings, machine, matrix_peak
from engine_pairs import OURS, check_losses, compare, grid, summarise
from engine_table import page

from stillroom import recipes
from stillroom.data import CHAT_TEMPLATE
from stillroom.models import LanguageModel, build_student, load_teacher, resolve_precision
from stillroom.signals import SignalSettings, collect

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def prepare(folder: Path, case: Case) -> tuple[LanguageModel, LanguageModel]:
    """Write models, rows and recorded signals where every program finds them."""
    recipe = recipes.load("quickstart")
    teacher = load_teacher(recipe.teacher, CHAT_TEMPLATE)
    student = build_student(teacher, recipe.student)
    for name, model in ((TEACHER, teacher), (STUDENT, student)):
        (folder / name).mkdir()
        model.save(folder / name)
    case.save(folder)
    (folder / "fingerprint").write_text(teacher.fingerprint(), encoding="utf-8")
    rows = case.rows(teacher.network.config.vocab_size)
    precision = resolve_precision(case.precision)
    for name, targets in (("hidden", {}), ("sampled", {"draws": case.draws})):
        settings = SignalSettings.model_validate(
            {**recipe.signals.model_dump(), "targets": {"kind": name, **targets}}
        )
        collect(teacher, rows, folder / name, settings, precision=precision)
    return teacher, student


def measure_steps(wanted: argparse.Namespace, case: Case, findings: Findings) -> dict[str, Any]:
    """Whole steps: beside TRL, and over a grid of sizes."""
    dtype = resolve_precision(case.precision)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        teacher, student = prepare(folder, case)
        configs = student.network.config, teacher.network.config
        del teacher, student
        before = matrix_peak(dtype, case.device)
        results = compare(folder, case, wanted.pairs, findings)
        check_losses(results)
        peak = max(before, matrix_peak(dtype, case.device))
        cells = grid(folder, case, wanted.grid_batch, wanted.grid_time, wanted.grid_steps, findings)
    flops = {program: needed_flops(case, *configs, program) for program in ("trl", *OURS)}
    return {
        "case": {**vars(case), "matrix_peak_flops": peak},
        "step": summarise(results, case, flops, peak),
        "steps": results,
        "grid": cells,
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--batch", type=int, default=8, help="rows of a step")
    add("--time", type=int, default=432, help="tokens of a row")
    add("--prompt", type=int, default=1, help="tokens of a row that carry no loss")
    add("--draws", type=int, default=50, help="draws a token of the sampled cache")
    add("--pairs", type=int, default=3, help="steps of each program after the warm-up")
    add("--grid-batch", type=int, nargs="*", default=[], help="rows, for the step's growth")
    add("--grid-time", type=int, nargs="*", default=[], help="tokens a row, for the step's growth")
    add("--grid-steps", type=int, default=2, help="steps at each size after the warm-up")
    add("--precision", choices=["auto", "float32", "bfloat16"], default="auto")
    add("--device", choices=["cpu", "cuda"], default="cpu")
    add("--json", type=Path, help="write the figures as JSON")
    add("--resume", action="store_true", help="take up what a stopped run left beside --json")
    add("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--growth-only", action="store_true", help="no steps: the loss alone")
    parts.add_argument("--skip-growth", action="store_true", help="no growth of the loss: steps alone")
    return parser.parse_args()


def main() -> None:
    """Measure, print, and write where asked."""
    wanted = _options()
    if wanted.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("no CUDA device here: skipped; the CPU tables come without --device cuda")
    dtype = resolve_precision(wanted.precision)
    precision = "bfloat16" if dtype == torch.bfloat16 else "float32"
    case = Case(wanted.batch, wanted.time, wanted.prompt, precision, wanted.device, wanted.draws)
    where = machine(wanted.device)
    partial = wanted.json.with_suffix(".partial") if wanted.json else None
    key = {**vars(case), **where, "load_average": None, "pairs": wanted.pairs}
    findings = Findings(key, partial, resume=wanted.resume)
    found: dict[str, Any] = {"case": vars(case)}
    if not wanted.growth_only:
        found |= measure_steps(wanted, case, findings)
    if not wanted.skip_growth:
        found["growth"] = [
            findings.once("growth", str(size), lambda size=size: measure(size, wanted.device, dtype))
            for size in SIZES
        ]
    found["machine"] = machine(wanted.device)
    _write(found, wanted)
    if partial is not None:
        partial.unlink(missing_ok=True)


def _write(found: dict[str, Any], wanted: argparse.Namespace) -> None:
    if wanted.json:
        wanted.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print("\n".join(page(found)))
    if wanted.write:
        _replace_tables(PAGE, page(found))


def _replace_tables(path: Path, lines: list[str]) -> None:
    """Put the tables between the page's two marks and leave its words alone."""
    begin, end = "<!-- tables -->", "<!-- end of tables -->"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    after = rest.partition(end)[2]
    path.write_text("\n".join([before + begin, "", *lines, "", end + after]), encoding="utf-8")


if __name__ == "__main__":
    main()
