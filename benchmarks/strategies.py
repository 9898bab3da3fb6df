"""Every way of distilling beside the same control, at one budget, on test data.

    python benchmarks/strategies.py --runs strategies                      # the quickstart's corpus
    python benchmarks/strategies.py --runs strategies --seeds 1,2,3 --only quickstart,soft-targets-cpu
    python benchmarks/strategies.py --runs strategies --medquad medquad.jsonl.gz
    python benchmarks/strategies.py --runs strategies --write              # docs/strategies.md, with what is finished

A run that was stopped goes on where it was. Teacher, control and student of a row see the same tokens in the same
order; rows of one seed share teacher and control where their recipes agree on them. Nothing is chosen by these figures.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from strategies_figure import forest
from strategies_page import CORPORA, PAGE, PICTURE, Record, Row, page

from stillroom.cli.progress import shown_progress
from stillroom.models import resolve_precision
from stillroom.recipes import Recipe
from stillroom.recipes.loading import load_language
from stillroom.recipes.machine import machine
from stillroom.recipes.sweeps.compare import Figures, measured
from stillroom.recipes.sweeps.sharing import SharedRuns

BUDGET = (
    "teach.steps=24",
    "train.steps=48",
    "train.checkpoint_seconds=600",
    "train.evaluate_every_share=1.0",
    "evaluate.token_items=100",
)
HPO = (
    "corpus.train={definitions: 250, synonyms: 200, differentials: 50}",
    "corpus.validation={definitions: 30, synonyms: 30, differentials: 15}",
)


@dataclass(frozen=True)
class Strategy:
    """A row: a shipped recipe and what is changed in it, on MedQuAD also further things."""

    name: str
    recipe: str
    edits: tuple[str, ...] = ()
    medquad_edits: tuple[str, ...] = ()


_BASICS = ["information", "inheritance", "genetic changes", "causes", "susceptibility"]
_FINDINGS = ["symptoms", "frequency", "exams and tests", "stages", "complications"]
_CARE = ["treatment", "prevention", "outlook", "considerations", "research", "support groups"]
_MEDQUAD_LESSONS = {
    "by": "kind",
    "lessons": [
        {"until": 0.25, "take": _BASICS},
        {"until": 0.5, "take": [*_BASICS, *_FINDINGS]},
        {"until": 1.0, "take": [*_BASICS, *_FINDINGS, *_CARE]},
    ],
}


STRATEGIES = (
    Strategy("soft targets", "quickstart", ("objective.hidden_weight=0",)),
    Strategy("soft targets and hidden states (quickstart)", "quickstart"),
    Strategy("1 soft targets, τ 8 → 1, specialties", "soft-targets-cpu"),
    Strategy("2 same family, every third layer", "same-family-cpu"),
    Strategy("3 across tokenizers, from Gemma 3 270M", "cross-architecture-cpu"),
    Strategy("4 tokens, attention, hidden states, 8 → 4 bits", "multi-granularity-cpu"),
    Strategy(
        "5 curriculum, adapters",
        "curriculum-cpu",
        medquad_edits=(f"curriculum={json.dumps(_MEDQUAD_LESSONS)}",),
    ),
    Strategy("on-policy, half of the responses", "on-policy-cpu"),
    Strategy(
        "two teachers on overlapping examples",
        "multi-teacher-cpu",
        ("further_teachers.second.teach.steps=24",),
    ),
    Strategy("staged, 30 → 16 → 10 layers", "staged-cpu", ("assistants.0.train.steps=48",)),
    Strategy("responses that the teacher wrote", "sequence-level-cpu"),
    Strategy("half of the tokens", "token-importance-cpu"),
    Strategy("a fifth of the tokens", "token-importance-cpu", ("objective.token_importance.share=0.2",)),
    Strategy("doubt where the teacher is wrong", "quickstart", ("objective.wrong_teacher_weight=0.0",)),
    Strategy(
        "own early exits, no teacher",
        "quickstart",
        (
            "objective.alpha=0",
            "objective.hidden_weight=0",
            "objective.exits={layers: [3, 6], weight: 0.3, alpha: 0.5}",
        ),
    ),
    Strategy(
        "two students, no teacher",
        "quickstart",
        (
            "objective.alpha=0.5",
            "objective.hidden_weight=0",
            "objective.mutual={layers: [0, 1, 2, 11, 20, 21, 24, 27, 28, 29]}",
        ),
    ),
    Strategy(
        "own average, no teacher",
        "quickstart",
        ("objective.alpha=0.5", "objective.hidden_weight=0", "objective.mean_teacher={decay: 0.99}"),
    ),
    Strategy("all teacher layers, mixed by learned shares", "quickstart", ("objective.layer_mix=all",)),
)


def medquad(path: Path) -> list[str]:
    """The second corpus, as changes of a recipe."""
    about = {
        "name": "medquad",
        "version": "577bd37",
        "licence": "CC-BY-4.0",
        "url": "https://github.com/abachaa/MedQuAD",
        "citation": "Ben Abacha and Demner-Fushman (2019), BMC Bioinformatics 20:511",
    }
    columns = {
        "id": ["collection", "id"],
        "prompt": "question",
        "response": "answer",
        "group": "focus",
        "kind": "qtype",
        "specialty": "source",
    }
    corpus = {
        "source": "file",
        "path": str(path),
        "about": about,
        "columns": columns,
        "seed": 1,
        "train": 500,
        "validation": 75,
        "test": 650,
        "validation_share": 0.05,
        "test_share": 0.1,
        "response_characters": 300,
    }
    return [f"corpus={json.dumps(corpus)}", "objective.specialty_weights=null"]


def recipe_of(strategy: Strategy, name: str, seed: int, edits: Sequence[str]) -> Recipe:
    """A row's recipe at the common budget."""
    changes = [*BUDGET, *edits, *strategy.edits, f"train.seed={seed}", f"name={name}"]
    return load_language(strategy.recipe, changes)


def folder_name(strategy: Strategy, seed: int) -> str:
    """A folder for each row and seed."""
    place = STRATEGIES.index(strategy)
    return f"{place:02d}-{strategy.recipe}.seed-{seed}"


def main() -> None:
    """Run what is asked for, and write the page where asked."""
    wanted = _options()
    edits = list(HPO) if wanted.medquad is None else medquad(wanted.medquad)
    folder = wanted.runs / ("hpo" if wanted.medquad is None else "medquad")
    only = [] if wanted.only is None else wanted.only.split(",")
    chosen = [s for place, s in enumerate(STRATEGIES) if not only or s.recipe in only or str(place) in only]
    for seed in [int(text) for text in wanted.seeds.split(",")]:
        for strategy in chosen:
            changes = edits if wanted.medquad is None else [*edits, *strategy.medquad_edits]
            recipe = recipe_of(strategy, folder_name(strategy, seed), seed, changes)
            print(f"{strategy.name}, seed {seed}: {_apart(folder, recipe)}", flush=True)
    if wanted.write:
        record, names = record_of(wanted.runs), [strategy.name for strategy in STRATEGIES]
        record.keep()
        PAGE.write_text(page(record, names), encoding="utf-8")
        PICTURE.write_text(forest(record, names), encoding="utf-8")


def _apart(folder: Path, recipe: Recipe) -> Figures:
    """Run a row in a process of its own: what a training leaves in the heap is gone with it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_run, folder, recipe).result()


def _run(folder: Path, recipe: Recipe) -> Figures:
    finished = (file.parent for file in folder.glob("*/test.json") if file.parent.name != recipe.name)
    known = {run_dir: load_language(str(run_dir / "recipe.yaml")) for run_dir in finished}
    with shown_progress() as progress:
        run_dir = SharedRuns(folder, known).distil(recipe, progress)
    return measured(recipe, run_dir, "test")


def record_of(runs: Path) -> Record:
    """What `docs/strategies.json` holds, with the finished rows of a folder of runs in place of the old ones."""
    known = Record.read()
    measured = f"{date.today()}, {machine()['cpu']}, {str(resolve_precision('auto')).removeprefix('torch.')}"
    corpora = {corpus: {**known.corpora[corpus], **_finished(runs / corpus, measured)} for corpus in CORPORA}
    memory = [
        row for file in runs.glob("*/*/token_memory.json") for row in json.loads(file.read_text())["rows"]
    ]
    return Record(corpora, memory or known.token_memory)


def _finished(folder: Path, measured: str) -> dict[str, Row]:
    """Rows of which a folder holds figures on test data."""
    rows = {}
    for strategy in STRATEGIES:
        files = sorted(folder.glob(f"{folder_name(strategy, 0).removesuffix('0')}*/test.json"))
        if seeds := [Figures(**json.loads(file.read_text())["figures"]) for file in files]:
            rows[strategy.name] = Row.of(seeds, measured)
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=Path, required=True, help="folder of the runs")
    parser.add_argument("--seeds", default="1", help="seeds of control and student")
    parser.add_argument("--only", help="places of rows in STRATEGIES, or their recipes; all by default")
    parser.add_argument("--medquad", type=Path, help="the MedQuAD file; the quickstart's corpus by default")
    parser.add_argument("--write", action="store_true", help=f"write docs/{PAGE.name}")
    return parser.parse_args()


if __name__ == "__main__":
    main()
