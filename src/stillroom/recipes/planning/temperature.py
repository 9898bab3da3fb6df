"""A temperature for a recipe, from what its own teacher says of hard validation tokens (row R-130)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillroom.recipes.schema import Recipe
from stillroom.types import Encoded, RecipeError, TrainError

if TYPE_CHECKING:
    from torch import Tensor

    from stillroom.models import LanguageModel
    from stillroom.signals.source import SignalSource

AIMS = (0.7, 0.6, 0.5)
_MOST_LOGITS = 1 << 26
_LEAST_TOKENS, _MOST_TOKENS = 64, 1024
_HARDEST = 0.25


@dataclass(frozen=True, slots=True)
class Temperatures:
    """The range of τ that the rule of thumb allows.

    Attributes:
        tokens: response tokens that were looked at.
        hard_tokens: those of them on which the teacher is least sure.
        top_probability: mean of the teacher's top probability on the hard ones at τ = 1.
        by_aim: for each aimed mean the τ that reaches it; None where no τ does.
    """

    tokens: int
    hard_tokens: int
    top_probability: float
    by_aim: dict[float, float | None]

    @property
    def advice(self) -> str:
        """The edit for the middle of the range, or 1 where the teacher is that soft by itself."""
        middle = self.by_aim[AIMS[1]]
        value = 1.0 if middle is None or self.top_probability <= AIMS[0] else round(max(middle, 1.0), 2)
        return f"objective.temperature={value:g}"

    def to_dict(self) -> dict[str, Any]:
        """Return a plain, JSON-serialisable form."""
        aims = {str(aim): value for aim, value in self.by_aim.items()}
        return {**asdict(self), "by_aim": aims, "advice": self.advice}


def temperatures(source: SignalSource, rows: Sequence[Encoded], vocab: int) -> Temperatures:
    """Find the τ at which the teacher's mean top probability on the hardest quarter of the tokens is 0.7, 0.6 and 0.5.

    A τ above 1 makes a sure teacher tell more of its other choices. Where hard tokens leave it unsure at τ = 1, the
    rule asks for less than 1, which would sharpen it: then 1 is advised.

    Args:
        source: the teacher, recorded in full or live.
        rows: validation rows; as many are read as make about a thousand tokens.
        vocab: size of the teacher's vocabulary.

    Raises:
        TrainError: the source keeps no whole distributions.
    """
    from stillroom.losses.combine.temperature import find_temperature

    logits = _logits(source, rows, max(_LEAST_TOKENS, min(_MOST_TOKENS, _MOST_LOGITS // vocab)))
    by_aim: dict[float, float | None] = {}
    for aim in AIMS:
        try:
            by_aim[aim] = find_temperature(logits, aim=aim, hardest=_HARDEST).temperature
        except ValueError:  # no τ in its range
            by_aim[aim] = None
    sure = logits.softmax(-1).amax(-1).sort().values
    hard = sure[: -(-len(sure) // round(1 / _HARDEST))]
    return Temperatures(len(sure), len(hard), float(hard.mean()), by_aim)


def recommend(recipe: Recipe, run_dir: Path) -> Temperatures:
    """Find the temperature for a recipe whose teacher is ready.

    Args:
        recipe: its corpus and lengths are used.
        run_dir: folder of its run, at least up to ``teach``.

    Raises:
        RecipeError: the teacher is not ready.
    """
    if not (run_dir / "teacher" / "stage.json").is_file():
        raise RecipeError(
            f"{run_dir} has no teacher yet", "a run up to `teach`", f"run: stillroom teach {recipe.name}"
        )
    from stillroom.data import encode_all
    from stillroom.data.store import load_saved
    from stillroom.models.taught import load_taught

    teacher = load_taught(run_dir / "teacher")
    validation = load_saved(run_dir / "corpus" / "corpus").splits["validation"]
    rows = encode_all(validation, teacher.tokenizer, recipe.max_tokens).rows
    return temperatures(_source(recipe, run_dir, teacher), rows, teacher.network.config.vocab_size)


def _source(recipe: Recipe, run_dir: Path, teacher: LanguageModel) -> SignalSource:
    """What was recorded, where that is whole distributions of this teacher; else the teacher itself."""
    from stillroom.signals import LiveTeacher, SignalStore
    from stillroom.types import StillroomError

    if recipe.signals.any_temperature and (run_dir / "signals" / "stage.json").is_file():
        try:
            return SignalStore.open(
                run_dir / "signals", teacher.fingerprint(), encryption=recipe.signals.encryption
            )
        except StillroomError:
            pass
    return LiveTeacher(teacher)


def _logits(source: SignalSource, rows: Sequence[Encoded], most: int) -> Tensor:
    """Logits of about ``most`` tokens, from rows of all lengths."""
    import torch

    from stillroom.losses import DenseTeacher

    found, count = [], 0
    for row in _spread(rows):
        said = source.teacher([row])
        if not isinstance(said, DenseTeacher):
            raise TrainError(
                "signals that hold draws or likeliest classes", "whole distributions", "ask the teacher live"
            )
        found.append(said.hidden.float() @ said.weight.float().T)
        count += len(row.targets)
        if count >= most:
            break
    return torch.cat(found)[:most]


def _spread(rows: Sequence[Encoded]) -> Iterator[Encoded]:
    """Rows in an order that does not begin with the short ones: every seventh, then the next of each."""
    for start in range(min(7, len(rows))):
        yield from rows[start::7]
