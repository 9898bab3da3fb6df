"""Run the harness offline over local tasks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillroom.types import MissingExtraError, Predictor
from stillroom.validate.harness.tasks import HarnessTask
from stillroom.validate.statistics.exact import clopper_pearson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from transformers import PreTrainedTokenizerFast

_VERSION = 1.0


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What the harness found of one task.

    Attributes:
        task: its name.
        metric: ``acc``: the likeliest choice is right; ``acc_norm``: the likeliest for its length in bytes.
        value: share of items answered right.
        n: number of items.
        low: lower end of the exact 95 % interval.
        high: upper end.
    """

    task: str
    metric: str
    value: float
    n: int
    low: float
    high: float


def run_harness(
    predictor: Predictor, tokenizer: PreTrainedTokenizerFast, tasks: Sequence[HarnessTask], *, max_length: int
) -> list[TaskResult]:
    """Score a predictor on local tasks through lm-evaluation-harness.

    Args:
        predictor: who answers, in its own runtime.
        tokenizer: its tokenizer.
        tasks: from :func:`stillroom.validate.harness.tasks.load_tasks`.
        max_length: most tokens that it can read; longer contexts are cut on the left.

    Raises:
        MissingExtraError: the extra ``harness`` is not installed.
    """
    try:
        from stillroom.validate.harness.adapter import PredictorLM
    except ImportError as error:
        raise MissingExtraError.of("lm-eval", "harness") from error
    return harness_results(PredictorLM(predictor, tokenizer, max_length=max_length), tasks)


def harness_results(model: Any, tasks: Sequence[HarnessTask]) -> list[TaskResult]:
    """Let the harness score a model of its own kind: ours, or one of its backends.

    Zero-shot, no chat template, every item of a task, nothing fetched and nothing sent.
    """
    with _quiet():
        from lm_eval.api.task import ConfigurableTask
        from lm_eval.evaluator import evaluate

        found = evaluate(
            model,
            {task.name: ConfigurableTask(config=task_config(task)) for task in tasks},
            bootstrap_iters=0,
            log_samples=False,
        )
    sizes = {task.name: len(task.items) for task in tasks}
    return [
        _result(task, metric, float(lines[f"{metric},none"]), sizes[task])
        for task, lines in sorted(found["results"].items())
        for metric in ("acc", "acc_norm")
        if f"{metric},none" in lines
    ]


def task_config(task: HarnessTask) -> dict[str, Any]:
    """The harness' configuration of a task, with its items in memory."""
    lines = dict(task.config)
    metrics = [
        {"metric": name, "aggregation": "mean", "higher_is_better": True} for name in lines.pop("metrics")
    ]
    return {
        **lines,
        "task": task.name,
        "output_type": "multiple_choice",
        "test_split": "test",
        "num_fewshot": 0,
        "metric_list": metrics,
        "metadata": {"version": _VERSION},
        "custom_dataset": lambda **_: _dataset(task),
    }


def _dataset(task: HarnessTask) -> Any:
    from datasets import Dataset, DatasetDict

    return DatasetDict({"test": Dataset.from_list([dict(item) for item in task.items])})


def _result(task: str, metric: str, value: float, n: int) -> TaskResult:
    return TaskResult(task, metric, value, n, *clopper_pearson(round(value * n), n))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the harness from asking the hub for anything, and from telling every step."""
    import logging
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("lm-eval").setLevel(logging.ERROR)
        logging.getLogger("lm_eval").setLevel(logging.ERROR)
        yield
