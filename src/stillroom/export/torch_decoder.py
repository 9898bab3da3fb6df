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
        return self.prefill_many([prompt])[0]

    def decode(self, token: int) -> int:
        """Read one more token and return the likeliest next one."""
        return self.decode_many([token])[0]

    def prefill_many(self, prompts: Sequence[Sequence[int]]) -> list[int]:
        """Read prompts of equal length from an empty state and return the likeliest next token of each."""
        self._cache = None
        return self._read([list(prompt) for prompt in prompts])

    def decode_many(self, tokens: Sequence[int]) -> list[int]:
        """Read one more token of each and return the likeliest next ones."""
        return self._read([[token] for token in tokens])

    def _read(self, ids: list[list[int]]) -> list[int]:
        import torch

        with torch.inference_mode():
            output = self._network(
                torch.tensor(ids, device=self._network.device),
                past_key_values=self._cache,
                use_cache=True,
                logits_to_keep=1,
            )
        self._cache = output.past_key_values
        likeliest: list[int] = output.logits[:, -1].argmax(dim=-1).tolist()
        return likeliest
