"""Draws from the teacher's distribution, packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.losses.fused.sampled import Sampled
from stillroom.signals import bits
from stillroom.signals.chunks import log_prob_chunks
from stillroom.signals.raw import from_raw, to_raw

_ENTROPY_BYTES = 2


@dataclass(frozen=True, slots=True)
class SampledFormat:
    """``draws`` classes a token, drawn with replacement from the tempered distribution, and its entropy.

    The draws of a token are sorted. A bit for each says whether its class is a new one, so the bits hold the counts;
    each class drawn is then written once, in log₂(vocab) bits. With u different classes of n draws a token takes
    ``u·⌈log₂ vocab⌉/8 + ⌈n/8⌉`` bytes, and 2 for the entropy, which moves the loss's value and not its
    gradient: about 33 at n = 50, u = 12, vocab = 49,152.

    Source: Anshumann et al. 2025 (arXiv:2503.16870).
    """

    vocab: int
    draws: int
    temperature: float

    def encode(self, hidden: Tensor, matrix: Tensor, random: np.random.Generator) -> Tensor:
        """Bytes of a row from its hidden states, shape ``(tokens, width)``."""
        entropies, drawn = [], []
        for log_probs in log_prob_chunks(hidden, matrix, self.temperature):
            probs = log_probs.double().exp_()
            entropies.append(-torch.linalg.vecdot(probs, log_probs.double()).half())
            drawn.append(_draw(probs, self.draws, random))
        ids = np.sort(torch.cat(drawn).cpu().numpy(), axis=1)
        new = np.ones(ids.shape, dtype=bool)
        new[:, 1:] = ids[:, 1:] != ids[:, :-1]
        parts = (np.packbits(new, axis=1).ravel(), bits.pack(ids[new], self._id_bits))
        return torch.cat([to_raw(torch.cat(entropies)), *map(torch.from_numpy, parts)])

    def most_bytes(self, tokens: int) -> int:
        """Length of what :meth:`encode` writes for a row where every draw finds another class."""
        drawn = min(self.draws, self.vocab)
        flags = tokens * (_ENTROPY_BYTES + bits.packed_bytes(1, self.draws))
        return flags + bits.packed_bytes(self._id_bits, tokens * drawn)

    def join(self, records: Sequence[tuple[Tensor, int]], matrix: Tensor | None) -> Sampled:
        """The teacher of several rows' ``(bytes, tokens)``; a class drawn twice stands in two places."""
        entropy = torch.cat(
            [from_raw(raw[: tokens * _ENTROPY_BYTES], torch.float16) for raw, tokens in records]
        )
        ids = torch.from_numpy(np.concatenate([self._ids(raw.numpy(), tokens) for raw, tokens in records]))
        shares = torch.full_like(ids, 1 / self.draws, dtype=torch.float32)
        return Sampled(ids, shares, entropy.float(), self.temperature)

    @property
    def _id_bits(self) -> int:
        return (self.vocab - 1).bit_length()

    def _ids(self, raw: NDArray[np.uint8], tokens: int) -> NDArray[np.int64]:
        first, flag_bytes = tokens * _ENTROPY_BYTES, bits.packed_bytes(1, self.draws)
        flags = raw[first : first + tokens * flag_bytes].reshape(tokens, flag_bytes)
        new = np.unpackbits(flags, axis=1, count=self.draws).ravel()
        classes = bits.unpack(raw[first + flags.size :], self._id_bits, int(new.sum()))
        return classes[np.cumsum(new, dtype=np.int64) - 1].reshape(tokens, self.draws)


def _draw(probs: Tensor, draws: int, random: np.random.Generator) -> Tensor:
    """Invert the cumulative distribution, in float64: a float32 sum over a vocabulary is not exact enough."""
    cumulative = probs.cumsum(-1)
    uniform = torch.from_numpy(random.random((probs.shape[0], draws))).to(probs.device) * cumulative[:, -1:]
    return torch.searchsorted(cumulative, uniform, right=True).clamp_(max=probs.shape[1] - 1)
