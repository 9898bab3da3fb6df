"""The rows of a recipe's corpus, where it was prepared and a tokenizer is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillroom.data.store import load_saved
from stillroom.recipes.planning.workload import Row, Rows
from stillroom.recipes.record import read_record
from stillroom.recipes.schema import Recipe
from stillroom.types import Encoded, ModelError


def measured_rows(recipe: Recipe, run_dir: Path) -> Rows | None:
    """Read the rows of a prepared corpus; None where the run has none for this recipe, or no tokenizer is here.

    Args:
        recipe: what would run.
        run_dir: the run's folder.
    """
    folder = run_dir / "corpus"
    record = read_record(folder, "prepare") if folder.is_dir() else None
    if record is None or record.inputs["corpus"] != recipe.corpus.model_dump(mode="json"):
        return None
    tokenizer = _tokenizer(recipe)
    if tokenizer is None:
        return None
    from stillroom.data.encode import encode_all, encode_options

    splits = load_saved(folder / "corpus").splits

    def rows(split: Any) -> tuple[Row, ...]:
        return _sizes(encode_all(splits[split], tokenizer, recipe.max_tokens).rows)

    choices = [example for example in splits["test"] if example.options]
    options = [row for example in choices for row in encode_options(example, tokenizer)]
    return Rows(rows("train"), rows("validation"), rows("test"), _sizes(options), measured=True)


def _sizes(rows: Sequence[Encoded]) -> tuple[Row, ...]:
    return tuple((len(row.ids), len(row.targets)) for row in rows)


def _tokenizer(recipe: Recipe) -> Any:
    """The teacher's tokenizer without its weights, with the chat template that the corpus is encoded with."""
    from transformers import AutoTokenizer

    from stillroom.data import CHAT_TEMPLATE
    from stillroom.models.store import PACKAGED, locate

    name = recipe.teacher.model
    try:
        if name in PACKAGED:
            path = locate(name)
            tokenizer = AutoTokenizer.from_pretrained(
                str(path.parent), gguf_file=path.name, local_files_only=True
            )
        elif Path(name).is_dir():
            tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=True)
        else:
            return None
    except (ModelError, OSError):
        return None
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
