"""The layer of an encoder of the BERT family, and what is made of its tokens."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn import functional

_EPSILON = 1e-12


class Block(nn.Module):
    """Self-attention, then two matrices with GELU; each is added to its input and normalised.

    Source: Devlin et al. 2019 (arXiv:1810.04805).

    Args:
        width: of a token.
        heads: of the attention.
        inner: width between the two matrices.
        dropout: share of attention and of hidden values dropped in training.
    """

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self._heads, self._dropout = heads, dropout
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mix = nn.Linear(width, width)
        self.mixed_norm = nn.LayerNorm(width, _EPSILON)
        self.widen, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width, _EPSILON)

    def projected(self, hidden: Tensor) -> tuple[Tensor, ...]:
        """Queries, keys and values, each ``(batch, time, heads, head_width)``."""
        parts = (self.query, self.key, self.value)
        return tuple(part(hidden).unflatten(-1, (self._heads, -1)) for part in parts)

    def forward(self, hidden: Tensor, real: Tensor, projected: tuple[Tensor, ...] | None = None) -> Tensor:
        """Compute a layer.

        Args:
            hidden: shape ``(batch, time, width)``.
            real: which tokens a text has, ``(batch, time)``.
            projected: what :meth:`projected` gives, where it is there already.
        """
        query, key, value = (of.transpose(1, 2) for of in projected or self.projected(hidden))
        rate = self._dropout if self.training else 0.0
        found = functional.scaled_dot_product_attention(
            query, key, value, attn_mask=real[:, None, None, :], dropout_p=rate
        )
        mixed = self._dropped(self.mix(found.transpose(1, 2).flatten(2)))
        hidden = self.mixed_norm(hidden + mixed)
        inner = functional.gelu(self.widen(hidden))
        out: Tensor = self.norm(hidden + self._dropped(self.narrow(inner)))
        return out

    def _dropped(self, values: Tensor) -> Tensor:
        return functional.dropout(values, self._dropout, self.training)


class Words(nn.Module):
    """Word pieces with their places.

    Args:
        vocabulary: word pieces that there are.
        places: most tokens of a text.
        width: of a token.
    """

    def __init__(self, vocabulary: int, places: int, width: int) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(vocabulary, width), nn.Embedding(places, width)
        self.norm = nn.LayerNorm(width, _EPSILON)
        for table in (self.words, self.places):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """From ``(batch, time)``, −1 where there is none, to ``(batch, time, width)``."""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        out: Tensor = self.norm(self.words(tokens.clamp_min(0)) + self.places(places))
        return out


class Convolved(nn.Module):
    """A dilated convolution over neighbouring tokens with GELU, added to its input and normalised.

    Source: Strubell et al. 2017, iterated dilated convolutions (arXiv:1702.02098).

    Args:
        width: of a token.
        dilation: tokens from one that is read to the next; three are.
        dropout: share of hidden values dropped in training.
    """

    def __init__(self, width: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self._dropout = dropout
        self.convolution = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.norm = nn.LayerNorm(width, _EPSILON)

    def forward(self, hidden: Tensor, real: Tensor) -> Tensor:
        """As :meth:`Block.forward`."""
        there = hidden * real[..., None].to(hidden.dtype)
        found = functional.gelu(self.convolution(there.mT)).mT
        out: Tensor = self.norm(hidden + functional.dropout(found, self._dropout, self.training))
        return out


def through(blocks: Iterable[nn.Module], hidden: Tensor, real: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """Take tokens through layers, and show what other networks of layers can learn from.

    Args:
        blocks: the layers.
        hidden: shape ``(batch, time, width)``.
        real: which tokens a text has, ``(batch, time)``.

    Returns:
        The tokens, and by name: ``layer1`` …, the tokens after each layer; ``sentences``, their means after each layer,
        ``(batch, layers, width)``; ``projections`` of the last layer, queries, keys and values, if it is of a
        transformer, ``(batch, time, 3, heads, head_width)``. Nothing where there are no layers.
    """
    features: dict[str, Tensor] = {}
    for number, block in enumerate(blocks, 1):
        if isinstance(block, Block):
            projected = block.projected(hidden)
            features["projections"] = torch.stack(projected, 2)
            hidden = block(hidden, real, projected)
        else:
            hidden = block(hidden, real)
        features[f"layer{number}"] = hidden
    layers = [value for name, value in features.items() if name.startswith("layer")]
    means = {"sentences": torch.stack([mean_of_tokens(of, real) for of in layers], 1)} if layers else {}
    return hidden, {**features, **means}


def mean_of_words(hidden: Tensor, words: Tensor) -> Tensor:
    """Mean over the tokens of each word: ``(batch, words, width)``; zeros of a word without tokens.

    Args:
        hidden: shape ``(batch, time, width)``.
        words: first token of each word and the one after its last, ``(batch, words, 2)``; −1 where there is none.
    """
    places = torch.arange(hidden.shape[1], device=hidden.device)
    inside = ((places >= words[..., :1]) & (places < words[..., 1:])).to(hidden.dtype)
    return (inside @ hidden) / inside.sum(-1, keepdim=True).clamp_min(1.0)


def mean_of_tokens(hidden: Tensor, real: Tensor) -> Tensor:
    """Mean over the tokens that a text has: ``(batch, width)``."""
    counted = real[..., None].to(hidden.dtype)
    return (hidden * counted).sum(1) / counted.sum(1)
