"""What a training's figures are called on a console, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping

from stillroom.train.watch import SKIPPED
from stillroom.types.record import VALIDATION

_SHORT: Mapping[str, str] = {
    "loss": "Loss",
    "forward_kl": "KL",
    "reverse_kl": "RKL",
    "jensen_shannon": "JS",
    "skew_forward_kl": "SKL",
    "skew_reverse_kl": "SRKL",
    "cross_entropy": "CE",
    "squared_error": "SE",
    "hidden_mse": "Hidden",
    "attention_kl": "Attn",
    "attention_alignment": "Attn",
    "alpha": "α",
    "temperature": "τ",
    "hidden_weight": "γ",
    "learning_rate": "LR",
    "grad_norm": "Grad",
}
_RATES = {"tokens_per_second": "tok/s", "rows_per_second": "rows/s", "left_out": "left out"}
"""Written before their unit."""
_BYTES = {"device_memory_bytes": "GPU"}
_SIGNIFICANT = frozenset({"learning_rate", "grad_norm", "alpha", "temperature", "hidden_weight"})


def is_training(figures: Mapping[str, float]) -> bool:
    """Whether they are of a training step."""
    return "learning_rate" in figures


def is_event(figures: Mapping[str, float]) -> bool:
    """Whether they tell what does not happen at every step: an evaluation, or a step that was left out."""
    return SKIPPED in figures or any(name.startswith(VALIDATION) for name in figures)


def label(name: str) -> str:
    """A figure's name on a console.

    >>> label("forward_kl"), label("validation_cross_entropy"), label("my_term")
    ('KL', 'Val CE', 'my_term')
    """
    if name.startswith(VALIDATION):
        return f"Val {label(name.removeprefix(VALIDATION))}"
    return {**_SHORT, **_BYTES}.get(name, name)


def value(name: str, number: float) -> str:
    """A figure's number on a console.

    >>> value("loss", 1.2361), value("learning_rate", 0.0008), value("device_memory_bytes", 3 * 2**29)
    ('1.236', '0.0008', '1.50 GiB')
    """
    if name in _BYTES:
        return f"{number / 2**30:.2f} GiB"
    return f"{number:.3g}" if name in _SIGNIFICANT else f"{number:.3f}"


def parts(figures: Mapping[str, float]) -> list[str]:
    """Each figure as it stands on a console line.

    >>> parts({"loss": 1.23618, "cross_entropy": 0.3891, "tokens_per_second": 1990.2})
    ['Loss: 1.236', 'CE: 0.389', '1,990 tok/s']
    >>> parts({"skipped": 1.0, "learning_rate": 8e-4})
    ['skipped: not finite', 'LR: 0.0008']
    """
    return [_part(name, number) for name, number in figures.items()]


def _part(name: str, number: float) -> str:
    if name == SKIPPED:
        return f"{SKIPPED}: not finite"
    if name in _RATES:
        return f"{number:,.0f} {_RATES[name]}"
    return f"{label(name)}: {value(name, number)}"
