"""What it costs to hold a teacher in fewer bytes: memory, time, and how far its distributions move.

    python benchmarks/teacher_precision.py                     # the packaged model as it is
    python benchmarks/teacher_precision.py --teacher FOLDER    # another model, such as a run's adapted teacher
    python benchmarks/teacher_precision.py --write             # put the tables into docs/teacher-precision.md

The memory of every precision is measured in a process of its own. Then all of them read validation rows of the
quickstart, batch by batch in turns, beside the float32 model: so the ratios of times are of the same minutes, whatever
else the machine does. Distributions are those of response tokens.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import psutil
import torch
from torch import Tensor

from stillroom import data, recipes
from stillroom.models import TeacherSettings, load_held_teacher, load_teacher
from stillroom.models.decoder import body, output_matrix
from stillroom.models.predictor import pad_right
from stillroom.models.quantised import held_bytes
from stillroom.models.store import PACKAGED
from stillroom.recipes.machine import installed, machine
from stillroom.types import Encoded
from stillroom.validate.calibration.binned import bin_sums, calibration_error, equal_mass_edges

PAGE = Path(__file__).parent.parent / "docs" / "teacher-precision.md"
MARK = "<!-- tables -->"
PRECISIONS = ("bfloat16", "int8", "nf4", "gguf")
DEFAULT = "smollm2-135m-instruct"
MEMORY = ("held", "resident")
TIME = ("tokens/s", "× time of float32")
QUALITY = ("KL(full ‖ held), nats", "same first choice", "perplexity", "ECE")
HEAD = ("precision", *MEMORY, *TIME, *QUALITY)
ROWS, BATCH_ROWS, ECE_BINS, MIB = 30, 10, 15, 1 << 20


def main() -> None:
    """Measure every precision and print the table."""
    options = _options()
    if options.hold:
        print(json.dumps(memory(options.teacher, options.hold)))
        return
    with tempfile.TemporaryDirectory(prefix="stillroom-precision-") as folder:
        rows = prepare(options.teacher, Path(folder))
        settings = {name: settings_of(name, options.teacher, folder) for name in options.precisions}
        held = [_in_a_process(one) for one in settings.values()]
        found = compare(settings, rows)
    page = "\n".join([_title(Path(options.teacher).name, rows), "", *table(settings, held, found), ""])
    print(page)
    if options.write:
        kept = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(f"{kept}{MARK}\n\n{page}", encoding="utf-8")


def settings_of(precision: str, teacher: str, folder: str) -> TeacherSettings:
    """The model as written in float32; a packed one as its file."""
    model = teacher if precision == "gguf" else folder
    return TeacherSettings.model_validate({"model": model, "precision": precision})


def prepare(name: str, folder: Path) -> list[Encoded]:
    """Write the full model where each process finds it, and encode the rows."""
    recipe = recipes.load("quickstart")
    corpus = data.load(recipe.corpus)
    model = load_teacher(TeacherSettings(model=name), data.CHAT_TEMPLATE)
    rows = data.encode_all(corpus.splits["validation"], model.tokenizer, recipe.max_tokens).rows
    model.save(folder)
    return list(rows[:: max(1, len(rows) // ROWS)][:ROWS])


def memory(name: str, precision: str) -> dict[str, int]:
    """Hold a model and let it read a few tokens, in a process that has done nothing else."""
    before = _resident()
    held = load_held_teacher(TeacherSettings.model_validate({"model": name, "precision": precision}))
    with torch.inference_mode():  # a file that is only mapped into memory becomes resident when it is read
        body(held.network)(torch.zeros(1, 16, dtype=torch.long), use_cache=False)
    return {"held": held_bytes(held.network), "resident": _resident() - before}


@torch.inference_mode()
def compare(settings: Mapping[str, TeacherSettings], rows: Sequence[Encoded]) -> dict[str, dict[str, float]]:
    """Let all of them read the rows in turns, the first of them being the measure of the others."""
    models = {name: load_held_teacher(one) for name, one in settings.items()}
    seconds = dict.fromkeys(models, 0.0)
    parts: dict[str, list[Tensor]] = {name: [] for name in models}
    by_length = sorted(rows, key=lambda row: len(row.ids))
    batches = [by_length[start : start + BATCH_ROWS] for start in range(0, len(by_length), BATCH_ROWS)]
    for batch in batches:
        ids = pad_right([row.ids for row in batch])
        full: list[Tensor] = []
        for name, model in models.items():
            begun = time.perf_counter()
            states = body(model.network.eval())(ids, use_cache=False).last_hidden_state.float()
            seconds[name] += time.perf_counter() - begun
            logits = _logits(states, output_matrix(model.network).float(), batch)
            full = full or logits
            for row, ours, theirs in zip(batch, full, logits, strict=True):
                parts[name].append(_statistics(ours, theirs, torch.from_numpy(row.targets)))
    tokens = sum(len(batch) * len(batch[-1].ids) for batch in batches)
    measure = next(iter(seconds.values()))
    return {
        name: {
            **_figures(torch.cat(parts[name]).numpy()),
            "tokens_per_second": tokens / seconds[name],
            "times": seconds[name] / measure,
        }
        for name in models
    }


def _logits(states: Tensor, matrix: Tensor, batch: Sequence[Encoded]) -> list[Tensor]:
    spans = (slice(row.start - 1, len(row.ids) - 1) for row in batch)
    return [states[place, span] @ matrix.T for place, span in enumerate(spans)]


def _statistics(full: Tensor, held: Tensor, targets: Tensor) -> Tensor:
    """Per token: KL, agreement, cross-entropy, confidence, right."""
    log_full, log_held = full.log_softmax(-1), held.log_softmax(-1)
    kl = (log_full.exp() * (log_full - log_held)).sum(-1)
    confidence, choice = log_held.exp().max(-1)
    agrees = (full.argmax(-1) == choice).float()
    entropy = -log_held.gather(-1, targets[:, None]).squeeze(-1)
    return torch.stack([kl, agrees, entropy, confidence, (choice == targets).float()], -1).double()


def _figures(tokens: np.ndarray) -> dict[str, float]:
    kl, agrees, entropy, confidence, right = tokens.T
    sums = bin_sums(confidence, right, np.arange(len(tokens)), equal_mass_edges(confidence, ECE_BINS))
    return {
        "kl": float(kl.mean()),
        "agreement": float(agrees.mean()),
        "perplexity": float(np.exp(entropy.mean())),
        "ece": float(calibration_error(sums.sum(0))),
    }


def table(
    settings: Iterable[str], held: Iterable[Mapping[str, int]], found: Mapping[str, Mapping[str, float]]
) -> list[str]:
    """Markdown, a line a precision."""
    lines = [_line(HEAD), "|---|" + "---:|" * (len(HEAD) - 1)]
    for name, sizes in zip(settings, held, strict=True):
        row = found[name]
        space = (f"{sizes[what] / MIB:.0f} MiB" for what in MEMORY)
        speed = (f"{row['tokens_per_second']:.0f}", f"{row['times']:.2f}")
        quality = (
            f"{row['kl']:.5f}",
            f"{row['agreement']:.1%}",
            f"{row['perplexity']:.2f}",
            f"{row['ece']:.3f}",
        )
        lines.append(_line((name, *space, *speed, *quality)))
    return lines


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _title(teacher: str, rows: Sequence[Encoded]) -> str:
    facts, load = machine(), psutil.getloadavg()[0]
    tokens = sum(len(row.targets) for row in rows)
    cores = f"{facts['cores']} cores, {' '.join(facts['cpu_features'])}"
    versions = ", ".join(
        f"{name} {installed(name)}" for name in ("torch", "transformers", "bitsandbytes", "gguf")
    )
    return (
        f"{teacher}, {tokens} response tokens. {facts['cpu']}, {cores}; {versions}; load average {load:.1f}."
    )


def _in_a_process(settings: TeacherSettings) -> dict[str, int]:
    command = [sys.executable, __file__, "--teacher", settings.model, "--hold", settings.precision]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    print(settings.precision, found, file=sys.stderr, flush=True)
    return found


def _resident() -> int:
    """Resident bytes, when what was freed is given back."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--teacher", default=DEFAULT, help="a packaged model or a folder")
    parser.add_argument("--precisions", nargs="+", default=PRECISIONS, choices=PRECISIONS)
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    parser.add_argument("--hold", help=argparse.SUPPRESS)
    options = parser.parse_args()
    packed = () if options.teacher in PACKAGED else ("gguf",)
    options.precisions = ["float32", *(name for name in options.precisions if name not in packed)]
    return options


if __name__ == "__main__":
    main()
