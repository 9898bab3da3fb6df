"""Memory of each stage at its peak, part by part."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.models.architectures import Architecture
from stillroom.recipes.planning.passes import PassLoad, activation_bytes, inference_bytes, transient_bytes
from stillroom.recipes.planning.weights import FLOAT32, adapter_weights, optimiser_bytes, weight_bytes
from stillroom.recipes.planning.workload import StepLoad
from stillroom.recipes.schema import Recipe
from stillroom.signals.settings import HiddenTargets, SampledTargets, SignalSettings
from stillroom.train.settings import TrainSettings

LIBRARIES = 500_000_000
"""Resident memory of Python, PyTorch and transformers on a processor, measured."""
DEVICE_CONTEXT = 600_000_000
"""What a CUDA context takes of its device; assumed, not measured here."""
_PREDICTOR_ROWS, _SIGNAL_TOKENS = 16, 2048
_DRAWN_CLASSES_PER_DRAW = 0.25

Parts = Mapping[str, int]


def trained_weights(model: Architecture, settings: TrainSettings) -> int:
    """Weights that the optimiser moves: all, or those of the adapters."""
    if settings.lora is None:
        return model.parameters
    return adapter_weights(model, settings.lora.rank, settings.lora.targets)


def training_parts(
    model: Architecture,
    settings: TrainSettings,
    load: StepLoad,
    *,
    half: bool,
    ranks: int = 1,
    dense_teacher: Architecture | None = None,
    mapped_layers: int = 0,
) -> Parts:
    """Memory of a training at its peak, libraries left out.

    The peak is either the start of the way back, when all activations are held and the gradients of earlier passes,
    or its end, when all gradients are there. Adapters leave the weights' own gradients out. Several processes keep a
    second copy of the gradients to exchange.
    """
    trained = trained_weights(model, settings)
    gradients = FLOAT32 * trained * (2 if ranks > 1 else 1)
    checkpointing = settings.gradient_checkpointing
    activations = activation_bytes(model, load.pass_tokens, half=half, checkpointing=checkpointing)
    loss = transient_bytes(
        model,
        PassLoad(load.pass_tokens, load.pass_response_tokens),
        half=half,
        checkpointing=checkpointing,
        dense_teacher=dense_teacher is not None,
        mapped_layers=mapped_layers,
    )
    fixed = {
        "weights": _weights(model, settings),
        "optimiser": optimiser_bytes(trained),
        "teacher's output matrix": FLOAT32 * dense_teacher.output_weights if dense_teacher else 0,
    }
    start: dict[str, int] = {
        "activations": activations,
        "loss": loss,
        "gradients": gradients if load.accumulates else 0,
    }
    end: dict[str, int] = {"gradients": gradients, "loss": FLOAT32 * model.output_weights}
    peak = start if sum(start.values()) > sum(end.values()) else end
    return _told({**fixed, **peak})


def _weights(model: Architecture, settings: TrainSettings) -> int:
    """All weights in float32; with adapters the others as their base is held, one matrix at a time taken apart."""
    if settings.lora is None:
        return FLOAT32 * model.parameters
    adapters = FLOAT32 * trained_weights(model, settings)
    if settings.lora.base == "float32":
        return FLOAT32 * model.parameters + adapters
    return weight_bytes(model, settings.lora.base) + adapters + FLOAT32 * model.width * model.ffn


def reading_parts(model: Architecture, longest: int, *, responses: int) -> Parts:
    """Memory of measuring a model on rows, one batch at a time, beside its weights."""
    return _told(
        {
            "activations": inference_bytes(model, _PREDICTOR_ROWS * longest, keeps_states=False),
            "logits": 2 * FLOAT32 * responses * model.vocab,
        }
    )


def signal_parts(
    teacher: Architecture, settings: SignalSettings, mapped_layers: int, longest: int, *, responses: int
) -> Parts:
    """Memory of recording beside the teacher's weights: a pass, and a shard that is held twice while it is written."""
    tokens = max(_SIGNAL_TOKENS, longest)
    states = FLOAT32 * tokens * teacher.width * (mapped_layers + 1) * 2
    shard = min(settings.shard_tokens, responses) * bytes_per_token(teacher, settings, mapped_layers)
    return _told(
        {
            "activations": inference_bytes(teacher, tokens, keeps_states=mapped_layers > 0) + states,
            "shard": 2 * round(shard),
        }
    )


def bytes_per_token(teacher: Architecture, settings: SignalSettings, mapped_layers: int) -> float:
    """Bytes on the disk for each response token.

    Hidden targets: 2·width. Likeliest classes: k·⌈log₂ vocab⌉/8 + 2·(k + 1). Draws: 2 for the entropy, a bit a draw,
    and each class drawn once; a quarter as many classes as draws were found at 50 draws, fewer of more. Mapped layers:
    2·width each, or in int8 width + 4.
    """
    targets, id_bytes = settings.targets, (teacher.vocab - 1).bit_length() / 8
    if isinstance(targets, HiddenTargets):
        kept = 2.0 * teacher.width
    elif isinstance(targets, SampledTargets):
        kept = 2 + targets.draws / 8 + _DRAWN_CLASSES_PER_DRAW * targets.draws * id_bytes
    else:
        kept = targets.classes * id_bytes + 2 * (targets.classes + 1)
    layer = teacher.width + 4 if settings.layer_format == "int8" else 2 * teacher.width
    return kept + mapped_layers * layer


def wants_dense(recipe: Recipe) -> bool:
    """Whether the student compares itself with the teacher's whole distribution, from hidden states."""
    return recipe.objective.has_soft_term and isinstance(recipe.signals.targets, HiddenTargets)


def _told(parts: Parts) -> Parts:
    """Leave out what takes nothing."""
    return {name: size for name, size in parts.items() if size}
