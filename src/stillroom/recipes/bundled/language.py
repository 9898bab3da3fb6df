"""A language bundle, measured by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from transformers import AutoTokenizer

from stillroom.data import encode_all
from stillroom.data import load as load_corpus
from stillroom.data.store import load_saved
from stillroom.export import Bundle
from stillroom.recipes.bundled.origin import origin
from stillroom.recipes.cost import measure_bundle_cost
from stillroom.recipes.measure import items_of
from stillroom.recipes.schema import Recipe
from stillroom.types import Evidence, Progress
from stillroom.validate import evaluate, exact


def measure_language_bundle(
    bundle: Bundle, recipe: Recipe, data: Path | None, progress: Progress
) -> Evidence:
    """Measure quality, size and speed of a bundle on the test split of a corpus.

    Args:
        bundle: whose every byte was checked.
        recipe: its own: the corpus, and what is measured.
        data: a saved corpus, in place of the recipe's.
        progress: is told of the items done.

    Raises:
        DataError: the corpus is not at hand.
        MissingExtraError: a package that makes the corpus, or the runtime, is not installed.
    """
    corpus = load_saved(data) if data else load_corpus(recipe.corpus)
    tokenizer = AutoTokenizer.from_pretrained(bundle.float_path, local_files_only=True)
    test, settings = corpus.splits["test"], recipe.evaluate
    evidence = evaluate(
        {"bundle": bundle.predictor()},
        test,
        tokenizer,
        settings,
        max_tokens=recipe.max_tokens,
        progress=progress,
    )
    rows = encode_all(test, tokenizer, recipe.max_tokens).rows
    cost, told = measure_bundle_cost(bundle, rows, settings.efficiency)
    size = exact("bytes_on_disk", "bundle", bundle.gguf_path().stat().st_size)
    facts = {
        **(evidence.facts or {}),
        **told,
        **items_of(test, rows),
        **origin(bundle.manifest, corpus.fingerprint),
    }
    return replace(evidence, metrics=(*evidence.metrics, size, *cost), facts=facts)
