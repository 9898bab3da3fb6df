"""The figures of a finished training on a split, the control beside the student."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from stillroom.recipes.schema import Recipe
from stillroom.types import Evidence, Split, Subject
from stillroom.types.files import fingerprint, write_json

_STAGES = ("student", "control", "corpus", "teacher")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a point is compared by, in nats for each response token.

    Attributes:
        student: log-perplexity of the student.
        control: log-perplexity of the control, whose budget is the same.
        margin: student minus control; below 0 the teacher helped.
        margin_low: lower end of its paired 95 % interval.
        margin_high: upper end of its paired 95 % interval.
        kl_to_teacher: KL(teacher‖student) at τ = 1, whatever τ was in training; None where the vocabularies differ.
    """

    student: float
    control: float
    margin: float
    margin_low: float
    margin_high: float
    kl_to_teacher: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return a plain form."""
        return asdict(self)

    @classmethod
    def of(cls, evidence: Evidence, split: Split) -> Self:
        """Pick the figures of an evaluation on a split."""
        margin = evidence.value("log_perplexity_minus_control", "student", split)
        try:
            distance = evidence.value("kl_to_teacher", "student", split).value
        except KeyError:
            distance = None
        return cls(
            student=evidence.value("log_perplexity", "student", split).value,
            control=evidence.value("log_perplexity", "control", split).value,
            margin=margin.value,
            margin_low=float(margin.ci_low or 0.0),
            margin_high=float(margin.ci_high or 0.0),
            kl_to_teacher=distance,
        )


def measured(recipe: Recipe, run_dir: Path, split: Split = "validation") -> Figures:
    """Measure student, control and teacher of a run on a split; kept until one of them changes.

    Args:
        recipe: of the run.
        run_dir: its folder.
        split: what they are measured on. Whatever is chosen by the figures is chosen on validation data.

    Raises:
        StillroomError: the run is not finished, or damaged.
    """
    key = fingerprint([_record(run_dir, stage) for stage in _STAGES])
    file = run_dir / f"{split}.json"
    if file.is_file():
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["key"] == key:
            return Figures(**kept["figures"])
    figures = Figures.of(_evaluated(recipe, run_dir, split), split)
    write_json(file, {"key": key, "figures": figures.to_dict()})
    return figures


def _record(run_dir: Path, stage: str) -> str:
    return str(json.loads((run_dir / stage / "stage.json").read_text(encoding="utf-8"))["fingerprint"])


def _evaluated(recipe: Recipe, run_dir: Path, split: Split) -> Evidence:
    from stillroom.data.store import load_saved
    from stillroom.models import LanguageModel, TorchPredictor
    from stillroom.models.precision import resolve_precision
    from stillroom.models.taught import load_taught
    from stillroom.validate import evaluate

    models: Mapping[Subject, LanguageModel] = {
        "teacher": load_taught(run_dir / "teacher"),
        "control": LanguageModel.load(run_dir / "control"),
        "student": LanguageModel.load(run_dir / "student"),
    }
    tokenizer = models["student"].tokenizer
    precision = resolve_precision(recipe.train.precision)
    likelihood_only = recipe.evaluate.model_copy(update={"choice_items": 0, "generation_items": 0})
    return evaluate(
        {
            subject: TorchPredictor(model, precision=precision)
            for subject, model in models.items()
            if model.tokenizer.get_vocab() == tokenizer.get_vocab()
        },
        load_saved(run_dir / "corpus" / "corpus").splits[split],
        tokenizer,
        likelihood_only,
        max_tokens=recipe.max_tokens,
        split=split,
    )
