"""What a trained network answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from stillroom.models.bedside.network import BedsideNetwork
from stillroom.recipes.bedside.answers import calibrated_logits, like, probabilities, rows_of
from stillroom.recipes.bedside.shared import BedsideRun
from stillroom.train.bedside.asked import ask
from stillroom.types.cases import LOGITS, Case


def trained_answers(
    run: BedsideRun, stage: str, network: BedsideNetwork, cases: Sequence[Case]
) -> list[NDArray[Any]]:
    """Calibrated probabilities of each case; of numbers the numbers.

    Args:
        run: the run.
        stage: the training, such as ``student.1``, whose facts hold the calibration.
        network: that training's.
        cases: what is asked.
    """
    logits, head = ask(network, cases)[LOGITS], run.cohort.head
    calibrated = like(calibrated_logits(rows_of(logits), run.facts(stage), head), logits)
    return [probabilities(of, head) for of in calibrated]
