"""From the settings of a recipe to a corpus and its datasheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stillroom.data.prepare.adapters import ADAPTERS
from stillroom.data.prepare.datasheet.composition import Composition
from stillroom.data.prepare.datasheet.facts import facts
from stillroom.data.prepare.datasheet.write import write_datasheet
from stillroom.data.prepare.freezing import freeze
from stillroom.data.prepare.opening import opened
from stillroom.data.prepare.preparation import Prepared, prepare_rows
from stillroom.data.prepare.reading import files_of
from stillroom.data.prepare.settings.corpus import ClinicalSettings
from stillroom.data.prepare.settings.truncate import TruncateSettings
from stillroom.data.prepare.steps import READ, Step
from stillroom.data.prepare.token_count import CharacterRule, TokenCount, TokenizerCount
from stillroom.data.prepare.workers import Workers, local_workers
from stillroom.data.store import load_saved, writing
from stillroom.types import Corpus, Progress, Source, silent
from stillroom.types.cores import cores
from stillroom.types.files import PRIVATE_DIR_MODE, file_sha256

CORPUS = "corpus"


def build(settings: ClinicalSettings) -> Corpus:
    """Prepare a corpus in a temporary folder; :func:`prepare` keeps the datasheet too, and can be resumed.

    Raises:
        DataError: a source or a stage is not sound.
    """
    with TemporaryDirectory(prefix="stillroom-") as folder, local_workers(cores()) as workers:
        home = Path(folder)
        prepare(settings, home / "out", home / "work", workers)
        return load_saved(home / "out" / CORPUS)


def prepare(
    settings: ClinicalSettings, out: Path, work: Path, workers: Workers, progress: Progress = silent
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Prepare a corpus, and write it with its datasheet.

    Args:
        settings: what to prepare.
        out: takes the corpus and the datasheet: the same bytes on every machine, by any number of workers.
        work: keeps what is done; after a kill the preparation goes on from there.
        workers: who does the work.
        progress: is told how far each stage is.

    Returns:
        The facts of the datasheet, and what each stage cost, which no file of ``out`` tells.

    Raises:
        DataError: a source cannot be read, too much of it is malformed, or the result is no corpus.
    """
    prepared = prepare_rows(settings, opened(settings, ADAPTERS), work, workers, progress)
    count, counted = _token_count(settings.truncate or TruncateSettings())
    made = Composition(count)
    folder = out / CORPUS
    folder.mkdir(parents=True, mode=PRIVATE_DIR_MODE)
    with writing(folder, settings.name) as writer:
        made.take(freeze(prepared.last.shards, writer))
        fingerprint = writer.finish(_provenance(prepared, made), _left_out(prepared))
    told = facts(settings, prepared, made, fingerprint, counted)
    write_datasheet(out, told, made, prepared)
    return told, {step.name: _cost(step) for step in prepared.steps}


def content(settings: ClinicalSettings) -> dict[str, str]:
    """SHA-256 of every file of the sources, by source and name: the corpus depends on them.

    Raises:
        DataError: a source is not there.
    """
    return {
        f"{source.name}/{file.relative_to(source.path) if file != source.path else file.name}": file_sha256(
            file
        )
        for source in opened(settings, ADAPTERS)
        for file in files_of(source.path)
    }


def _token_count(settings: TruncateSettings) -> tuple[TokenCount, str]:
    """How the recipe counts tokens, and how to say it."""
    if settings.tokenizer is None:
        rule = settings.characters_per_token
        return CharacterRule(rule), f"a token for every {rule:g} characters"
    return TokenizerCount(settings.tokenizer), f"of the tokenizer {Path(settings.tokenizer).name}"


def _provenance(prepared: Prepared, made: Composition) -> tuple[Source, ...]:
    """The sources that rows are left of; those that nothing is learned from ask nothing of a student."""
    found = [
        (source.adapter.about, made.sources[source.name])
        for source in prepared.sources
        if source.name in made.sources
    ]
    return tuple(
        about
        if counts["train"] or counts["validation"]
        else replace(about, name=f"{about.name} (test only)", terms=())
        for about, counts in found
    )


def _cost(step: Step) -> dict[str, float]:
    account = step.account
    return {
        "rows": account.rows_in,
        "seconds": round(step.seconds, 3),
        "work_seconds": round(account.seconds, 3),
        "peak_memory_bytes": account.peak_memory_bytes,
    }


def _left_out(prepared: Prepared) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for step in prepared.steps:
        for reason, count in step.account.dropped.items():
            total[f"{'quarantine' if step.name == READ else step.name}: {reason}"] += count
    return dict(sorted(total.items()))
