"""The likeliest classes of the teacher's distribution, packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from stillroom.losses.response.top_k import TopK
from stillroom.signals import bits
from stillroom.signals.chunks import log_prob_chunks
from stillroom.signals.raw import from_raw, to_raw

_LEAST_LOG = torch.finfo(torch.float16).min


@dataclass(frozen=True, slots=True)
class TopKFormat:
    r"""The ``classes`` likeliest classes of a token, their tempered log-probabilities, and that of all others together.

    What is lost is what the teacher says inside the tail. With tail mass :math:`p_T` and any student q,

    .. math:: 0 \le KL(p\|q) - KL_{k+1}(p\|q) = p_T \, KL(p_{|T} \| q_{|T})
       \le p_T \log \frac{1}{\min_{v \in T} q_{|T}(v)}

    where :math:`_{|T}` is the distribution inside the tail. Log-probabilities are written in float16 and made to sum
    to one again when read, which moves each by at most 2⁻¹⁰ of the largest kept magnitude. A token takes
    ``k·⌈log₂ vocab⌉/8 + 2·(k + 1)`` bytes: 258 at k = 64, vocab = 49,152.

    Source: the chain rule of relative entropy, Cover & Thomas 2006, theorem 2.5.3.
    """

    vocab: int
    classes: int
    temperature: float

    def encode(self, hidden: Tensor, matrix: Tensor, random: np.random.Generator) -> Tensor:
        """Bytes of a row from its hidden states, shape ``(tokens, width)``."""
        kept = [
            TopK.of(log_probs, self.classes)
            for log_probs in log_prob_chunks(hidden, matrix, self.temperature)
        ]
        ids, log_probs, tails = (torch.cat(parts) for parts in zip(*(top[:3] for top in kept), strict=True))
        return self.pack(TopK(ids, log_probs, tails))

    def pack(self, top: TopK) -> Tensor:
        """Bytes of a row's likeliest classes."""
        assert top.tail is not None
        buckets = torch.cat([top.log_probs, top.tail[:, None]], 1)
        raw_ids = torch.from_numpy(bits.pack(top.ids.flatten().cpu().numpy(), self._id_bits))
        return torch.cat([to_raw(buckets.clamp(min=_LEAST_LOG).half()), raw_ids])

    def most_bytes(self, tokens: int) -> int:
        """Length of what :meth:`encode` writes for a row."""
        return 2 * tokens * (self.classes + 1) + bits.packed_bytes(self._id_bits, tokens * self.classes)

    def join(self, records: Sequence[tuple[Tensor, int]], matrix: Tensor | None) -> TopK:
        """The teacher of several rows' ``(bytes, tokens)``."""
        log_probs, ids = zip(*(self._read(raw, tokens) for raw, tokens in records), strict=True)
        buckets = torch.cat(log_probs).float().log_softmax(-1)
        return TopK(torch.cat(ids), buckets[:, :-1], buckets[:, -1], self.temperature)

    @property
    def _id_bits(self) -> int:
        return (self.vocab - 1).bit_length()

    def _read(self, raw: Tensor, tokens: int) -> tuple[Tensor, Tensor]:
        first = tokens * 2 * (self.classes + 1)
        log_probs = from_raw(raw[:first], torch.float16).view(tokens, self.classes + 1)
        ids = bits.unpack(raw[first:].numpy(), self._id_bits, tokens * self.classes)
        return log_probs, torch.from_numpy(ids).view(tokens, self.classes)
