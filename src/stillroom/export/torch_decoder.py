"""A PyTorch network as a :class:`stillroom.export.speed.Decoder`, to compare the bundle with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM


class TorchDecoder:
    """Greedy decoding with a key-value cache, in the precision of the weights."""

    def __init__(self, network: LlamaForCausalLM) -> None:
        self._network = network.eval()
        self._cache: Any = None

    def prefill(self, prompt: Sequence[int]) -> int:
        """Read a prompt from an empty state and return the likeliest next token."""
        self._cache = None
        return self._read(prompt)

    def decode(self, token: int) -> int:
        """Read one more token and return the likeliest next one."""
        return self._read([token])

    def _read(self, ids: Sequence[int]) -> int:
        import torch

        with torch.inference_mode():
            output = self._network(
                torch.tensor([list(ids)], device=self._network.device),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
        self._cache = output.past_key_values
        return int(output.logits[0, -1].argmax())
