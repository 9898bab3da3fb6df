"""What is kept of a decoder's width: channels, heads and neurons, by their importance."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from stillroom.models.decoder import decoder_layers
from stillroom.models.importance import Importance
from stillroom.models.settings import WidthSettings
from stillroom.types import ModelError

_MATRICES = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


@dataclass(frozen=True, slots=True)
class Kept:
    """Indices into the original network, ascending.

    Attributes:
        channels: of the hidden states.
        neurons: for each layer of the original, of its feed-forward part.
        queries: for each layer, rows of its query matrix.
        keys: for each layer, rows of its key and value matrices.
        heads: query heads of a layer.
        kv_heads: heads of keys and values of a layer.
    """

    channels: Tensor
    neurons: dict[int, Tensor]
    queries: dict[int, Tensor]
    keys: dict[int, Tensor]
    heads: int
    kv_heads: int

    def rows(self, matrix: str, layer: int) -> Tensor:
        """Rows that a layer's matrix keeps, and entries of its bias."""
        if matrix in ("k_proj", "v_proj"):
            return self.keys[layer]
        return {"q_proj": self.queries, "gate_proj": self.neurons, "up_proj": self.neurons}.get(
            matrix, {}
        ).get(layer, self.channels)

    def columns(self, matrix: str, layer: int) -> Tensor:
        """Columns that a layer's matrix keeps."""
        return {"o_proj": self.queries, "down_proj": self.neurons}.get(matrix, {}).get(layer, self.channels)


def keep(network: PreTrainedModel, settings: WidthSettings, found: Importance) -> Kept:
    """Choose the most important channels of a narrowable network, and heads and neurons of each layer.

    Whole groups of heads that share keys are ranked by their sum; the most important heads of each kept group stay, the
    same number in each.

    Raises:
        ModelError: more is to be kept than there is.
    """
    config = network.config
    heads, groups = config.num_attention_heads, config.num_key_value_heads
    kept_groups = settings.kv_heads or groups
    kept_heads = settings.heads or heads // groups * kept_groups
    _require_at_most("hidden", settings.hidden, config.hidden_size)
    _require_at_most("ffn", settings.ffn, config.intermediate_size)
    _require_at_most("kv_heads", settings.kv_heads, groups)
    if kept_heads % kept_groups or kept_heads // kept_groups > heads // groups:
        raise ModelError(
            f"student.width keeps {kept_heads} heads and {kept_groups} kv_heads",
            f"a multiple of kv_heads, at most {heads // groups} heads for each",
            "correct student.width.heads or student.width.kv_heads",
        )
    rows = decoder_layers(network)[0].get_submodule("self_attn.k_proj").get_parameter("weight").shape[0]
    queries, keys = {}, {}
    for layer, scores in found.heads.items():
        chosen, members = _best_heads(scores.view(groups, -1), kept_groups, kept_heads // kept_groups)
        queries[layer], keys[layer] = _spans(members, rows // groups), _spans(chosen, rows // groups)
    return Kept(
        channels=_best(found.channels, settings.hidden or config.hidden_size),
        neurons={at: _best(scores, settings.ffn or len(scores)) for at, scores in found.neurons.items()},
        queries=queries,
        keys=keys,
        heads=kept_heads,
        kv_heads=kept_groups,
    )


def require_narrowable(network: PreTrainedModel) -> None:
    """Refuse a network whose matrices are not those of a Llama-like layer, or whose norms are not RMS norms.

    Raises:
        ModelError: it is not Llama-like.
    """
    layer = decoder_layers(network)[0]
    leaves = {name.rpartition(".")[2]: module for name, module in layer.named_modules()}
    linear = {name for name, module in leaves.items() if isinstance(module, nn.Linear)}
    norms = {name: module for name, module in leaves.items() if "norm" in name}
    if linear != _MATRICES or not all(type(norm).__name__.endswith("RMSNorm") for norm in norms.values()):
        raise ModelError(
            f"student.width for a {network.config.model_type!r} model",
            "a Llama-like model with RMS norms, such as Llama, Gemma 3, Qwen 2 or 3",
            "leave student.width out",
        )


def _require_at_most(name: str, wanted: int | None, there: int) -> None:
    if wanted is not None and wanted > there:
        raise ModelError(
            f"student.width.{name} is {wanted}",
            f"at most {there}, what the model has",
            f"correct student.width.{name}",
        )


def _best(scores: Tensor, count: int) -> Tensor:
    """Indices of the greatest scores, ascending; of equal ones, the first."""
    return torch.argsort(scores, descending=True, stable=True)[:count].sort().values


def _best_heads(scores: Tensor, groups: int, members: int) -> tuple[Tensor, Tensor]:
    """Groups, and heads counted through all groups, of scores of shape ``(groups, heads of each)``."""
    chosen = _best(scores.sum(1), groups)
    inside = [int(group) * scores.shape[1] + _best(scores[group], members) for group in chosen]
    return chosen, torch.cat(inside)


def _spans(heads: Tensor, size: int) -> Tensor:
    """Rows of heads of a size.

    >>> _spans(torch.tensor([0, 2]), 3).tolist()
    [0, 1, 2, 6, 7, 8]
    """
    return (heads[:, None] * size + torch.arange(size)).flatten()
