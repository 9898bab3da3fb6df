"""What of a bundle may change at the bedside, sealed in it when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, ValidationError

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.types import ExportError, Settings
from stillroom.types.files import fingerprint

PLAN_FILE = "change_plan.json"


class ChangePlan(Settings):
    """A predetermined change: a shift of the logit, and nothing of the graph.

    A bundle without one is locked. The form follows the FDA's predetermined change control plans: what is modified, the
    protocol that a modification must pass, and what it was shown to bring.

    Source: FDA 2024, Marketing Submission Recommendations for a Predetermined Change Control Plan.
    """

    format: Literal[1] = 1
    changes: Literal["bias", "last_layer"] = Field(
        description="bias: one number that is added to the logit; last_layer: a linear map of the pooled features too"
    )
    least_labels: int = Field(ge=2, description="labels of the patient's own before anything may change")
    most_shift: float = Field(gt=0, description="farthest that a logit is ever moved, in nats")
    deviation: float = Field(gt=0, description="how far patients' logits lie from the population's, in nats")
    feature_means: tuple[float, ...] = Field(
        default=(), description="of the pooled features, over validation cases"
    )
    feature_deviations: tuple[float, ...] = Field(default=(), description="of the same")
    shown: Mapping[str, float] = Field(description="log loss of validation patients, locked and adapted")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plan."""
        return fingerprint(self.model_dump(mode="json"))


def plan_of(bundle: OnnxBundle) -> ChangePlan:
    """Read a bundle's change plan.

    Raises:
        ExportError: it has none, so it is locked; or a damaged one.
    """
    if PLAN_FILE not in bundle.manifest.files:
        raise ExportError(
            f"bundle {bundle.manifest.name!r} is locked: it holds no {PLAN_FILE}",
            "a bundle of a recipe with personalise.mode=adaptive, whose validation data showed a gain",
            "use it as it is",
        )
    try:
        return ChangePlan.model_validate_json((bundle.path / PLAN_FILE).read_text(encoding="utf-8"))
    except ValidationError as error:
        raise ExportError(
            f"{PLAN_FILE} of bundle {bundle.manifest.name!r} cannot be read",
            "the file as it was exported",
            "export again",
        ) from error
