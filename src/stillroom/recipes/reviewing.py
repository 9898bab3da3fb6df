"""A finished run's answers, put before experts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import AutoTokenizer

from stillroom import data
from stillroom.data.store import load_saved
from stillroom.export import Bundle
from stillroom.models import TorchPredictor
from stillroom.models.taught import load_taught
from stillroom.recipes.loading import load_language
from stillroom.types import DataError, Example, Predictor, Progress, StorageError, silent
from stillroom.validate.review.kit import Blinded, write_kit
from stillroom.validate.review.rubric import ReviewItem
from stillroom.validate.select import select

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def make_review(
    run_dir: Path, folder: Path, *, items: int, seed: int = 0, progress: Progress = silent
) -> list[Blinded]:
    """Let teacher and bundle of a finished run answer test items, and write a blinded kit of their answers.

    Args:
        run_dir: the run's folder.
        folder: where the kit is written.
        items: how many questions, spread evenly over kinds of task.
        seed: of the choice and of the order.
        progress: is told of the models done.

    Raises:
        StorageError: the run is not finished.
        DataError: it has no test items that fit.
    """
    if not (run_dir / "evidence.json").is_file():
        raise StorageError(
            f"{run_dir} holds no finished run", "a run with evidence.json", "finish it with `stillroom run`"
        )
    recipe = load_language(str(run_dir / "recipe.yaml"))
    bundle, teacher = Bundle.open(run_dir / "bundle"), load_taught(run_dir / "teacher")
    tokenizer = AutoTokenizer.from_pretrained(bundle.float_path, local_files_only=True)
    examples = load_saved(run_dir / "corpus" / "corpus").splits["test"]
    fitting = data.encode_all(select(examples, items, seed), tokenizer, recipe.max_tokens).examples
    if not fitting:
        raise DataError(
            "no test item that fits", f"items of at most {recipe.max_tokens} tokens", "raise max_tokens"
        )
    longest = recipe.evaluate.max_new_tokens
    answers = {}
    asked: dict[str, tuple[Predictor, PreTrainedTokenizerFast]] = {
        "teacher": (TorchPredictor(teacher), teacher.tokenizer),
        "student": (bundle.predictor(), tokenizer),
    }
    for done, (who, (predictor, theirs)) in enumerate(asked.items(), 1):
        answers[who] = _answers(predictor, theirs, fitting, longest)
        progress("review: answers", done, len(asked))
    found = [
        ReviewItem(
            example.id, example.prompt, example.response, {who: told[at] for who, told in answers.items()}
        )
        for at, example in enumerate(fitting)
    ]
    return write_kit(found, folder, seed=seed, title="Answers of two models")


def _answers(
    predictor: Predictor, tokenizer: PreTrainedTokenizerFast, examples: Sequence[Example], longest: int
) -> list[str]:
    """Greedy answers in a model's own tokens."""
    prompts = [
        tokenizer(data.prompt_text(example.prompt, tokenizer), add_special_tokens=False)["input_ids"]
        for example in examples
    ]
    return [
        str(tokenizer.decode(ids, skip_special_tokens=True)).strip() or "(no answer)"
        for ids in predictor.generate(prompts, longest)
    ]
