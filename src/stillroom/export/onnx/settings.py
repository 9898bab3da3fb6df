"""What a bedside recipe decides about the exported bundle."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from stillroom.types import Settings


class Int8Settings(Settings):
    """Weights, or activations too, in eight bits, where the model still decides as it did.

    The rounded graph is published if in every training, on validation data, no class's change in recall has a 95 %
    interval that reaches below ``-largest_recall_loss``, and McNemar's test does not find more errors (mid-p < 0.05).
    """

    kind: Literal["dynamic", "static"] = Field(
        description="dynamic: matrices and tables; static: convolutions and matrices with their inputs, whose ranges "
        "are taken from training cases"
    )
    calibration_cases: int = Field(
        default=200, ge=1, description="training cases that kind static takes ranges from"
    )
    largest_recall_loss: float = Field(default=0.02, ge=0, le=1, description="recall that a class may lose")


class OnnxSettings(Settings):
    """An ONNX graph, computed by ONNX Runtime on one core."""

    calibrate: bool = Field(default=True, description="calibrate answers on validation data")
    calibrator: Literal["temperature", "platt", "isotonic"] = Field(
        default="temperature",
        description="how: temperature divides logits, inside the graph; platt and isotonic go into the manifest, and "
        "the runtime applies them to the graph's answers",
    )
    int8: Int8Settings | None = Field(
        default=None, description="eight bits where parity holds; left out, float32"
    )
    latency_repeats: int = Field(
        default=500, ge=20, description="timed answers, one case each, after a warm-up"
    )
