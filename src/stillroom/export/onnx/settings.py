"""What a bedside recipe decides about the exported bundle."""

from __future__ import annotations

from pydantic import Field

from stillroom.types import Settings


class OnnxSettings(Settings):
    """An ONNX graph, computed by ONNX Runtime on one core."""

    calibrate: bool = Field(
        default=True, description="divide logits by a temperature that is fitted on validation data"
    )
    latency_repeats: int = Field(
        default=500, ge=20, description="timed answers, one case each, after a warm-up"
    )
