"""A smaller network out of another's weights: some of its layers, some of its width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from huggingface_hub.errors import StrictDataclassError
from torch import Tensor
from transformers import PreTrainedModel

from stillroom.models.decoder import final_norm
from stillroom.models.importance import Importance, hidden_norms
from stillroom.models.narrowing import Kept
from stillroom.models.norms import scale_norm
from stillroom.types import ModelError

_PER_LAYER = ("layer_types", "no_rope_layers", "mlp_layer_types")
_LAYERS, _PROBED_TOKENS = "layers.", 32


def cut_depth(network: PreTrainedModel, layers: Sequence[int]) -> PreTrainedModel:
    """Copy embeddings, norms and the chosen layers of a network into one with no others.

    The two share no memory. Tied embeddings stay tied; what the configuration says of single layers goes with them.
    """
    changes = {
        name: [getattr(network.config, name)[layer] for layer in layers]
        for name in _PER_LAYER
        if getattr(network.config, name, None) is not None
    }
    weights = {name: tensor.clone() for name, _, _, tensor in _renamed(network, layers)}
    return _made(network, {"num_hidden_layers": len(layers), **changes}, weights)


@torch.no_grad()
def cut_width(network: PreTrainedModel, kept: Kept, found: Importance) -> PreTrainedModel:
    """Copy the kept channels, heads and neurons of a network into a narrower one.

    An RMS norm over fewer channels divides by their root mean square instead of that of all: each norm's weight is
    multiplied by what that changes on average over the calibration rows. A family that multiplies embeddings by the
    square root of their width is given embeddings, and where they are tied a final norm, that make up for it.

    Args:
        network: a Llama-like decoder; it is not changed.
        kept: what is kept of it.
        found: its importance on calibration rows.

    Raises:
        ModelError: sizes that the family does not allow.
    """
    changes = {
        "hidden_size": len(kept.channels),
        "intermediate_size": len(kept.neurons[0]),
        "num_attention_heads": kept.heads,
        "num_key_value_heads": kept.kv_heads,
        "head_dim": len(kept.keys[0]) // kept.kv_heads,
    }
    every = range(network.config.num_hidden_layers)
    weights = {name: _sliced(tensor, leaf, at, kept) for name, leaf, at, tensor in _renamed(network, every)}
    narrow = _made(network, changes, weights)
    for name, norm in hidden_norms(narrow).items():
        scale_norm(norm, float(found.shares[name][kept.channels].mean().sqrt()))
    _keep_embedding_scale(network, narrow)
    return narrow


def _renamed(network: PreTrainedModel, layers: Sequence[int]) -> Iterator[tuple[str, str, int, Tensor]]:
    """Each weight of the chosen layers and outside of all: its name in the new network, leaf, layer and tensor."""
    new = {old: index for index, old in enumerate(layers)}
    for name, held in network.state_dict().items():
        tensor = held.cpu()
        before, inside, rest = name.partition(_LAYERS)
        number, _, tail = rest.partition(".")
        leaf = name.split(".")[-2]
        if not inside:
            yield name, leaf, -1, tensor
        elif int(number) in new:
            yield f"{before}{_LAYERS}{new[int(number)]}.{tail}", leaf, int(number), tensor


def _sliced(tensor: Tensor, leaf: str, layer: int, kept: Kept) -> Tensor:
    if leaf in ("q_norm", "k_norm"):
        return tensor.clone()
    if leaf.endswith("norm"):
        return tensor[kept.channels]
    if layer < 0:
        return tensor[:, kept.channels]
    rows = tensor[kept.rows(leaf, layer)]
    return rows if tensor.ndim == 1 else rows[:, kept.columns(leaf, layer)]


def _made(
    network: PreTrainedModel, changes: Mapping[str, object], weights: dict[str, Tensor]
) -> PreTrainedModel:
    try:
        config = type(network.config).from_dict({**network.config.to_dict(), **changes})
    except StrictDataclassError as error:
        raise ModelError(
            f"a student that its family does not allow: {str(error.__cause__ or error).rstrip('.')}",
            f"sizes that a {network.config.model_type!r} model can have",
            "correct student.width",
        ) from error
    made: PreTrainedModel = type(network).from_pretrained(
        None, config=config, state_dict=weights, dtype=torch.float32
    )
    made.generation_config = network.generation_config
    return made


def _keep_embedding_scale(network: PreTrainedModel, narrow: PreTrainedModel) -> None:
    """Make the narrower network's embedding output what it was on the kept channels."""
    wanted, found = (_embedding_scale(one) for one in (network, narrow))
    if wanted == found:
        return
    narrow.get_input_embeddings().weight.mul_(wanted / found)
    if narrow.get_output_embeddings().weight is narrow.get_input_embeddings().weight:
        scale_norm(final_norm(narrow), found / wanted)


def _embedding_scale(network: PreTrainedModel) -> float:
    """What a family multiplies its embeddings by."""
    embedding = network.get_input_embeddings()
    ids = torch.arange(_PROBED_TOKENS, device=embedding.weight.device)
    return float(embedding(ids).abs().sum() / embedding.weight[ids].abs().sum())
