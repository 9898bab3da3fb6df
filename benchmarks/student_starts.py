"""What students start at: the cross-entropy right after cutting, for each rule and for several widths.

    python benchmarks/student_starts.py runs/quickstart --layers 10

Reads the adapted teacher of a run. Similarity and importance are measured on training rows, the cross-entropy of
response tokens on validation rows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import torch

from stillroom.data import encode_all
from stillroom.data.store import load_saved
from stillroom.models import LanguageModel, StudentSettings, TorchPredictor
from stillroom.models.settings import LayerChoice
from stillroom.models.student import cut_student
from stillroom.types import Encoded

WIDTHS: dict[str, dict[str, int]] = {
    "two thirds of the neurons": {"ffn": 1024},
    "half of the neurons": {"ffn": 768},
    "two thirds of the heads": {"heads": 6, "kv_heads": 2},
    "three quarters of the channels": {"hidden": 432},
    "two thirds of everything": {"hidden": 384, "ffn": 1024, "heads": 6, "kv_heads": 2},
}


def blocks(layers: int, rows: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name every ``student`` block that is tried; widths are those of SmolLM2."""
    for rule in get_args(LayerChoice):
        yield rule, {"layers": {"choose": rule, "count": layers}, "calibration_rows": rows}
    for name, width in WIDTHS.items():
        yield name, {"layers": "all", "width": width, "calibration_rows": rows}


def cross_entropy(model: LanguageModel, rows: Sequence[Encoded]) -> float:
    """Mean over response tokens, in nats."""
    total = 0.0
    for row, logits in zip(rows, TorchPredictor(model, batch_rows=8).logits(rows), strict=True):
        targets = torch.from_numpy(row.targets)
        total += float(torch.nn.functional.cross_entropy(torch.from_numpy(logits), targets, reduction="sum"))
    return total / sum(len(row.targets) for row in rows)


def main() -> None:
    """Cut, measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of a run whose teacher is done")
    parser.add_argument("--layers", type=int, default=10)
    parser.add_argument("--rows", type=int, default=64)
    options = parser.parse_args()
    teacher = LanguageModel.load(options.run / "teacher")
    corpus = load_saved(options.run / "corpus" / "corpus")
    train, held = (
        encode_all(corpus.splits[split], teacher.tokenizer, 64).rows for split in ("train", "validation")
    )
    print(f"teacher: {cross_entropy(teacher, held):.3f} nats/token")
    for name, block in blocks(options.layers, options.rows):
        cut = cut_student(teacher, StudentSettings.model_validate(block), train)
        value = cross_entropy(cut.model, held)
        print(
            f"{name}: {value:.3f} nats/token, {cut.model.parameters / 1e6:.1f} M, layers {list(cut.layers)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
