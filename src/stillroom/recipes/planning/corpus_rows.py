"""The rows of a recipe's corpus, where it was prepared and a tokenizer is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stillroom.data.store import load_saved
from stillroom.models.settings import ModelSettings
from stillroom.recipes.planning.workload import MOST_ROWS, Row, Rows, sample
from stillroom.recipes.record import read_record
from stillroom.recipes.schema import Recipe
from stillroom.types import Encoded, StillroomError


def measured_rows(recipe: Recipe, run_dir: Path) -> Rows | None:
    """Read the rows of a prepared corpus, in the student's tokens.

    Args:
        recipe: what would run.
        run_dir: the run's folder.

    Returns:
        None where the run has no corpus of this recipe, or its tokenizer is not on this machine.
    """
    folder = run_dir / "corpus"
    record = read_record(folder, "prepare") if folder.is_dir() else None
    if record is None or record.inputs["corpus"] != recipe.corpus.model_dump(mode="json"):
        return None
    tokenizer = local_tokenizer(recipe.student.start_from or recipe.teacher)
    if tokenizer is None:
        return None
    from stillroom.data.encode import encode_all, encode_options

    splits = load_saved(folder / "corpus").splits

    def rows(split: Any) -> tuple[Row, ...]:
        return _sizes(encode_all(splits[split], tokenizer, recipe.max_tokens).rows)

    choices = [example for example in splits["test"] if example.options]
    options = [row for example in choices for row in encode_options(example, tokenizer)]
    train = rows("train")
    some = sample(train, MOST_ROWS)
    return Rows(some, rows("validation"), rows("test"), _sizes(options), len(train), measured=True)


def _sizes(rows: Sequence[Encoded]) -> tuple[Row, ...]:
    return tuple((len(row.ids), len(row.targets)) for row in rows)


def local_tokenizer(model: ModelSettings) -> Any:
    """A model's tokenizer with the turns that the corpus is encoded with; None where it is not on this machine."""
    from stillroom.data.turns import Turns
    from stillroom.models.store import PACKAGED
    from stillroom.models.tokenizer import load_tokenizer

    if model.model not in PACKAGED and not Path(model.model).is_dir():
        return None
    try:
        tokenizer = load_tokenizer(model)
        turns = Turns.of(tokenizer)
    except (StillroomError, OSError):
        return None
    tokenizer.chat_template = turns.template
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(turns.end)
    return tokenizer
