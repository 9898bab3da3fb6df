"""Operations and memory traffic of a stage, and the seconds that they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stillroom.models.architectures import Architecture
from stillroom.recipes.planning.hardware import Hardware
from stillroom.recipes.planning.weights import FLOAT32
from stillroom.recipes.planning.workload import Row, StepLoad, evaluations
from stillroom.train.settings import TrainSettings

_FORWARD, _TRAINING, _RECOMPUTING = 2, 6, 8
_STEP_BYTES = 40
_SCORE_PASSES = 8


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage does.

    Attributes:
        training_flops: products and sums of matrix products, forward and backward.
        forward_flops: those of passes without a gradient.
        traffic_bytes: memory read and written by elementwise work.
        fixed_seconds: starting, reading and writing files.
    """

    training_flops: float = 0.0
    forward_flops: float = 0.0
    traffic_bytes: float = 0.0
    fixed_seconds: float = 0.0

    def __add__(self, other: Work) -> Work:
        """Do one thing after another."""
        return Work(
            self.training_flops + other.training_flops,
            self.forward_flops + other.forward_flops,
            self.traffic_bytes + other.traffic_bytes,
            self.fixed_seconds + other.fixed_seconds,
        )

    def times(self, number: float) -> Work:
        """Do it again and again."""
        return Work(
            number * self.training_flops,
            number * self.forward_flops,
            number * self.traffic_bytes,
            number * self.fixed_seconds,
        )

    def seconds(self, hardware: Hardware, *, half: bool) -> float:
        """Predict the time: products at the share of the peak that training reaches, traffic at full speed."""
        peak = hardware.flops["bfloat16" if half and hardware.computes_bfloat16 else "float32"]
        products = (self.training_flops + self.forward_flops) / (peak * hardware.efficiency)
        return products + self.traffic_bytes / hardware.bytes_per_second + self.fixed_seconds


def reading(model: Architecture, rows: Sequence[Row]) -> Work:
    """Read rows once and compute the logits of their responses.

    Scoring logits goes over each several times: probabilities, ranks and sums.
    """
    tokens, responses = sum(row[0] for row in rows), sum(row[1] for row in rows)
    flops = _FORWARD * (model.linear_weights * tokens + model.output_weights * responses)
    return Work(
        forward_flops=flops + attention_flops(model, rows) * _FORWARD,
        traffic_bytes=_SCORE_PASSES * FLOAT32 * responses * model.vocab,
    )


def attention_flops(model: Architecture, rows: Sequence[Row]) -> float:
    """Multiplications of queries with keys and of scores with values, every pair of tokens once."""
    return float(2 * model.layers * model.query_width * sum(tokens**2 for tokens, _ in rows))


def training(
    model: Architecture,
    load: StepLoad,
    settings: TrainSettings,
    validation: Sequence[Row],
    *,
    trained_weights: int,
    teacher_outputs: int = 0,
) -> Work:
    """Train for all steps and measure the validation loss along the way.

    Args:
        model: the network.
        load: a step on the mean.
        settings: number of steps and evaluations, checkpointing.
        validation: its rows.
        trained_weights: weights that the optimiser moves; each step passes over them, their gradients and states.
        teacher_outputs: weights of a dense teacher's output matrix; 0 without one.
    """
    factor = _RECOMPUTING if settings.gradient_checkpointing else _TRAINING
    mean = load.tokens * factor * model.linear_weights
    loss = load.response_tokens * (_TRAINING * model.output_weights + _FORWARD * teacher_outputs)
    step = Work(
        training_flops=mean + loss,
        traffic_bytes=_STEP_BYTES * trained_weights + 2 * FLOAT32 * load.response_tokens * model.vocab,
    )
    tokens, responses = sum(row[0] for row in validation), sum(row[1] for row in validation)
    check = Work(
        forward_flops=_FORWARD
        * (model.linear_weights * tokens + (model.output_weights + teacher_outputs) * responses)
    )
    return step.times(settings.steps) + check.times(evaluations(settings))
