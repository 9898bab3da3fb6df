"""Memory of one forward and backward pass, from the shapes alone.

Counted are the tensors that autograd keeps, as PyTorch 2.13 and transformers 5 keep them with the fused attention
kernel, which holds no scores: docs/planning.md has the counts beside measured ones.
"""

from __future__ import annotations

from typing import NamedTuple

from stillroom.models.architectures import Architecture
from stillroom.recipes.planning.weights import FLOAT32

_HALF = 2
_CHUNK_LOGITS, _LEAST_ROWS, _CACHED_LOGITS = 1 << 23, 128, 1 << 20
_DERIVED, _DERIVED_FROM_TWO = 2, 5
_HIDDEN_TERM_COPIES = 4


class PassLoad(NamedTuple):
    """Tokens of a pass, and those of them that carry a loss."""

    tokens: int
    response_tokens: int


def kept_per_token(model: Architecture, *, half: bool) -> int:
    r"""Bytes that one layer keeps for each token until its gradient is taken.

    In float32, for width w, queries q, keys k and feed-forward part f: :math:`4\,(6w + 2q + 2k + 4f + h + 2)`: input,
    normalised and scaled state of both norms; queries, keys, values and result of attention; four states of the gated
    part; one number a head and norm. Under autocast norms stay in float32 and what products read is kept in bfloat16,
    once for each product: :math:`16w + 2\,(5w + 2q + 2k + 4f) + 4h + 8`. Gemma has two more norms a layer; it and
    Qwen 3 have norms of queries and keys.

    >>> kept_per_token(Architecture("llama", 3, 96, 6, 2, 16, 160, 64, True, 128), half=False)
    5920
    """
    w, q, k, f = model.width, model.query_width, model.kv_width, model.ffn
    small = model.heads + 2
    extra = 4 * w if model.family == "gemma3_text" else 0
    extra += 2 * (q + k) if model.family in ("gemma3_text", "qwen3") else 0
    if half:
        return 4 * (4 * w + extra) + _HALF * (5 * w + 2 * q + 2 * k + 4 * f) + 4 * small
    return FLOAT32 * (6 * w + extra + 2 * q + 2 * k + 4 * f + small)


def activation_bytes(model: Architecture, tokens: int, *, half: bool, checkpointing: bool) -> int:
    """Bytes that the layers keep for a pass: all that they computed or, with checkpointing, their inputs.

    Autocast keeps a bfloat16 copy of every matrix beside them.
    """
    ends = 2 * FLOAT32 * model.width * tokens
    if checkpointing:
        return FLOAT32 * model.width * tokens * model.layers + ends
    casts = _HALF * model.linear_weights if half else 0
    return kept_per_token(model, half=half) * tokens * model.layers + casts + ends


def inference_bytes(model: Architecture, tokens: int, *, keeps_states: bool) -> int:
    """Bytes of a forward pass alone: the widest layer, and every layer's output where they are asked for."""
    widest = model.query_width + 2 * model.kv_width + 4 * model.width + 3 * model.ffn
    states = model.layers * model.width if keeps_states else 0
    return FLOAT32 * tokens * (widest + states)


def transient_bytes(
    model: Architecture,
    load: PassLoad,
    *,
    half: bool,
    checkpointing: bool,
    dense_teacher: bool = False,
    mapped_layers: int = 0,
) -> int:
    """Most bytes that a pass needs for a moment, beside its activations.

    Either in the loss: a chunk of logits, the teacher's too where it is dense, what is derived from a part of them, and
    the gradient of the output matrix. Or when that gradient is scaled: it stands twice. Or on the way back through a
    layer, which checkpointing computes again: the gradient of the output matrix waits for the embedding's, where both
    are one. Mapped layers are held four times for every response token: student, teacher, difference and gradient.

    Args:
        model: the network.
        load: the pass.
        half: whether products are in bfloat16.
        checkpointing: whether layers are computed again.
        dense_teacher: whether the targets are logits, computed from hidden states.
        mapped_layers: layers of the hidden-state term; 0 without one.
    """
    rows = min(load.response_tokens, max(_LEAST_ROWS, _CHUNK_LOGITS // model.vocab))
    logits = rows * model.vocab
    cached = min(logits, max(_CACHED_LOGITS, model.vocab))
    derived = (_DERIVED_FROM_TWO if dense_teacher else _DERIVED) + half
    loss = logits * (2 if dense_teacher else 1) + derived * cached + model.output_weights
    layer = kept_per_token(model, half=half) * load.tokens if checkpointing else 0
    way_back = layer + 2 * (_HALF if half else FLOAT32) * model.ffn * load.tokens
    hidden = load.response_tokens * model.width * (2 + _HIDDEN_TERM_COPIES * mapped_layers)
    matrix = FLOAT32 * model.output_weights
    return max(FLOAT32 * loss, 2 * matrix, matrix + way_back) + FLOAT32 * hidden
