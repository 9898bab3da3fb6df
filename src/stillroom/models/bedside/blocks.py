"""The layer of an encoder of the BERT family, and what is made of its tokens."""

from __future__ import annotations

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

    def forward(self, hidden: Tensor, real: Tensor) -> Tensor:
        """Compute a layer.

        Args:
            hidden: shape ``(batch, time, width)``.
            real: which tokens a text has, ``(batch, time)``.
        """
        query, key, value = (
            part(hidden).unflatten(-1, (self._heads, -1)).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
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


def mean_of_tokens(hidden: Tensor, real: Tensor) -> Tensor:
    """Mean over the tokens that a text has: ``(batch, width)``."""
    counted = real[..., None].to(hidden.dtype)
    return (hidden * counted).sum(1) / counted.sum(1)
