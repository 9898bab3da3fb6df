"""The stages of a run, a module each, made from the recipe's lines and from the stages before them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stillroom.recipes.pipeline.assistants import train_assistants
from stillroom.recipes.pipeline.distil import distil
from stillroom.recipes.pipeline.export import export
from stillroom.recipes.pipeline.further import record_further, teach_further
from stillroom.recipes.pipeline.prepare import prepare
from stillroom.recipes.pipeline.report import report
from stillroom.recipes.pipeline.shared import Pipeline
from stillroom.recipes.pipeline.signals import signals
from stillroom.recipes.pipeline.teach import teach
from stillroom.recipes.pipeline.validate import validate
from stillroom.recipes.pipeline.write import write


def _teach(run: Pipeline) -> None:
    teach(run)
    teach_further(run)
    train_assistants(run)
    write(run)


def _signals(run: Pipeline) -> None:
    if not run.recipe.objective.needs_teacher:
        return
    signals(run.source)
    run.done["signals"] = run.source.done["signals"]
    record_further(run)


STEPS: Mapping[str, Callable[[Pipeline], None]] = {
    "prepare": prepare,
    "teach": _teach,
    "signals": _signals,
    "distil": distil,
    "export": export,
    "validate": validate,
    "report": report,
}
"""What each stage of the plan does."""

__all__ = ["STEPS", "Pipeline"]
