"""What learning from a share of the tokens saves: memory and processor time of a pass, at shares 1, 0.5 and 0.2.

    python benchmarks/token_memory.py strategies/hpo/01-quickstart.seed-1

reads a finished run of a recipe with hidden targets and keeps `token_memory.json` beside it, which
`benchmarks/strategies.py --write` puts on its page. Memory is what tensors take at the peak of forward and backward
pass beyond weights and gradients, counted by `stillroom.train.memory.PeakBytes`; time is the median of three passes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillroom.data import encode_all
from stillroom.data.store import load_saved
from stillroom.models import LanguageModel
from stillroom.models.taught import load_taught
from stillroom.recipes.loading import load_language
from stillroom.signals import SignalStore
from stillroom.train.batches import Batch, collate
from stillroom.train.learner import Learner
from stillroom.train.memory import PeakBytes
from stillroom.train.objective import ImportanceSettings
from stillroom.types import Encoded
from stillroom.types.files import write_json

SHARES = (1.0, 0.5, 0.2)
TOKENS = (384, 1536)
REPEATS = 3


def main() -> None:
    """Measure every share at every size of a pass."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, help="folder of a finished run")
    run: Path = parser.parse_args().run
    recipe, student = load_language(str(run / "recipe.yaml")), LanguageModel.load(run / "student")
    signals = SignalStore.open(run / "signals", load_taught(run / "teacher").fingerprint())
    corpus = load_saved(run / "corpus" / "corpus")
    rows = encode_all(corpus.splits["train"], student.tokenizer, recipe.max_tokens).rows
    found = []
    for tokens in TOKENS:
        batch = collate(_first(rows, tokens))
        for share in SHARES:
            importance = None if share == 1.0 else ImportanceSettings(score="soft_or", share=share)
            objective = recipe.objective.model_copy(update={"token_importance": importance})
            learner = Learner(student.network, objective, signals)
            found.append({"tokens": tokens, "share": share, **_measured(learner, batch)})
            print(found[-1], flush=True)
    write_json(run / "token_memory.json", {"rows": found})


def _first(rows: Sequence[Encoded], tokens: int) -> list[Encoded]:
    chosen, total = [], 0
    for row in rows:
        if total + len(row.ids) > tokens:
            break
        chosen.append(row)
        total += len(row.ids)
    return chosen


def _measured(learner: Learner, batch: Batch) -> dict[str, Any]:
    learner(batch).total.backward()  # gradients exist from here on
    with PeakBytes() as memory:
        learner(batch).total.backward()
    seconds = []
    for _ in range(REPEATS):
        start = time.process_time()
        learner(batch).total.backward()
        seconds.append(time.process_time() - start)
    return {"peak_bytes": memory.peak, "processor_seconds": statistics.median(seconds)}


if __name__ == "__main__":
    main()
