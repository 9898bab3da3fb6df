"""What two blocks of a recipe must agree on, told before anything runs."""

from __future__ import annotations

from stillroom.recipes.schema import Recipe
from stillroom.signals.settings import SampledTargets
from stillroom.types import RecipeError

_UNBIASED = "forward_kl"


def check_consistency(recipe: Recipe, where: str) -> None:
    """Refuse blocks that are valid alone and not together.

    Args:
        recipe: checked block by block.
        where: what to call it in the message.

    Raises:
        RecipeError: sampled targets for another divergence than forward KL, whose estimate alone is unbiased; a
            temperature that moves, with targets that were recorded at one; a choice of tokens that compares whole
            distributions, with targets that are not whole; a teacher that is to stay packed and to be adapted;
            hidden states of two models without a map.
        TrainError: a further term that cannot be computed.
    """
    if recipe.teacher.precision == "gguf" and recipe.teach is not None:
        raise RecipeError(
            f"{where}: teacher.precision = 'gguf' with a 'teach' block",
            "a teacher that is used as it is: packed weights cannot learn",
            "set 'teach' to null, or 'teacher.precision' to 'int8' or 'nf4', which are packed after learning",
        )
    if recipe.objective.constant_temperature is None and not recipe.signals.any_temperature:
        raise RecipeError(
            f"{where}: a schedule for objective.temperature, with {recipe.signals.targets.kind} targets",
            "one temperature, because these targets are recorded at it",
            "give objective.temperature a number, or change 'signals.targets.kind' to 'hidden'",
        )
    student = recipe.student
    paired = recipe.objective.has_hidden_term and recipe.objective.layer_mix is None
    if student.start_from is not None and student.layer_map is None and paired:
        raise RecipeError(
            f"{where}: objective.hidden_weight with a student that starts from {student.start_from.model!r}",
            "a map of its layers to the teacher's, which no cut of the teacher gives",
            "set 'student.layer_map' to uniform, to similarity or to pairs",
        )
    divergence = recipe.objective.divergence
    if isinstance(recipe.signals.targets, SampledTargets) and divergence != _UNBIASED:
        raise RecipeError(
            f"{where}: objective.divergence = {divergence!r} with sampled targets",
            f"{_UNBIASED!r}, whose estimate from draws is unbiased",
            "change it, or change 'signals.targets.kind' to 'hidden' or 'top_k'",
        )
    if recipe.objective.on_policy is not None and recipe.signals.source != "live":
        raise RecipeError(
            f"{where}: objective.on_policy with recorded signals",
            "a live teacher: nothing is recorded of what the student will write",
            "set 'signals.source' to 'live'",
        )
    if recipe.further_teachers and recipe.objective.fusion is None:
        raise RecipeError(
            f"{where}: further_teachers without objective.fusion",
            "how much each is heard",
            "add 'objective.fusion'",
        )
    if recipe.assistants and (recipe.objective.has_hidden_term or recipe.objective.terms):
        raise RecipeError(
            f"{where}: assistants, and an objective that compares the student's layers with a teacher's",
            "an objective on the output alone: the student starts from the first teacher's layers",
            "set 'objective.hidden_weight' to 0 and leave out 'objective.terms'",
        )
    importance = recipe.objective.token_importance
    if importance is not None and importance.score != "entropy" and not recipe.signals.any_temperature:
        raise RecipeError(
            f"{where}: objective.token_importance.score = {importance.score!r} with "
            f"{recipe.signals.targets.kind} targets",
            "the teacher's whole distribution, which this score compares",
            "change 'signals.targets.kind' to 'hidden', or the score to 'entropy'",
        )
    if recipe.objective.terms:
        # It needs PyTorch, which most recipes do without until they run.
        from stillroom.train.terms import reads_attention

        if reads_attention(recipe.objective.terms) and recipe.signals.attention is None:
            raise RecipeError(
                f"{where}: a term of objective.terms that reads attention, with signals.attention = null",
                "the teacher's layers whose attention is recorded",
                "name them in 'signals.attention'",
            )
