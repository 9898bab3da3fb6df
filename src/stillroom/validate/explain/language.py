"""Language models that can be asked which words of a prompt speak for the reference's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stillroom.models.attention import AttentionTap, spans, tappable
from stillroom.models.decoder import body, decoder_layers, output_matrix
from stillroom.models.language_model import LanguageModel
from stillroom.types import Encoded
from stillroom.validate.explain.explainer import Array, Attributed, Outputs
from stillroom.validate.explain.gradients import integrated_gradients
from stillroom.validate.explain.units import summed

_AT_ONCE = 8


class LanguageExplainer:
    """Integrated gradients of the mean log-probability of a response's tokens, on the embeddings of its prompt.

    The baseline is the mean token of all prompts, in every place.

    Args:
        model: in evaluation mode.
        rows: encoded items.
        steps: of the quadrature.
    """

    def __init__(self, model: LanguageModel, rows: Sequence[Encoded], steps: int) -> None:
        self._network, self._rows, self._steps = model.network.eval(), rows, steps
        longest = max(row.start for row in rows)
        self.units = tuple(f"token {number}" for number in range(longest))
        self.present = np.arange(longest) < np.array([[row.start] for row in rows])
        with torch.no_grad():
            self._embedded = [self._embed(row.ids) for row in rows]
            prompts = [of[: row.start] for of, row in zip(self._embedded, rows, strict=True)]
            self._baseline = torch.cat(prompts).mean(0)

    def attributed(self, outputs: Outputs) -> Attributed:
        """Attribute each row's response to the tokens of its prompt; there is one output."""
        values, changes = np.zeros(self.present.shape), []
        for at, (row, embedded) in enumerate(zip(self._rows, self._embedded, strict=True)):
            forward, prompt = self._forward(at), embedded[None, : row.start]
            baseline = self._baseline.expand_as(prompt)
            (found,) = integrated_gradients(
                forward, [prompt], [baseline], torch.zeros(1, dtype=torch.long), self._steps, at_once=_AT_ONCE
            )
            values[at, : row.start] = summed(
                found.double().cpu().numpy(), np.arange(row.start)[:, None], row.start
            )
            with torch.no_grad():
                changes.append(float(forward(prompt) - forward(baseline)))
        return Attributed(values, np.array(changes))

    @torch.no_grad()
    def scores(self, outputs: Outputs, kept: NDArray[np.bool_]) -> Array:
        """Geometric mean of the probabilities of each row's response tokens."""
        found = []
        for at, (row, embedded) in enumerate(zip(self._rows, self._embedded, strict=True)):
            keep = torch.from_numpy(kept[at, : row.start, None]).to(embedded.device)
            prompt = torch.where(keep, embedded[: row.start], self._baseline)
            found.append(float(self._forward(at)(prompt[None]).exp()))
        return np.array(found)

    @torch.no_grad()
    def attention(self) -> dict[str, Array]:
        """How a response looks at its prompt: the mean over layers, heads and response tokens."""
        found = np.zeros(self.present.shape)
        layers = range(len(decoder_layers(self._network)))
        for at, row in enumerate(self._rows):
            tap = AttentionTap(layers, spans([row]), mean_heads=True)
            with tappable(self._network):
                ids = torch.from_numpy(row.ids)[None].to(self._network.device)
                body(self._network)(ids, use_cache=False, attention_tap=tap)
            looks = tap.maps().double().mean((0, 1, 2))[: row.start]
            found[at, : row.start] = (looks / looks.sum()).cpu().numpy()
        return {"prompt": found}

    def _embed(self, ids: NDArray[np.int64]) -> Tensor:
        embedded: Tensor = self._network.get_input_embeddings()(
            torch.from_numpy(ids).to(self._network.device)
        )
        return embedded.float()

    def _forward(self, at: int) -> Callable[[Tensor], Tensor]:
        """Embedded prompts of a row → the mean log-probability of its response, ``(batch, 1)``."""
        row, response = self._rows[at], self._embedded[at][self._rows[at].start :]
        targets = torch.from_numpy(row.targets).to(response.device)
        matrix = output_matrix(self._network)

        def forward(prompts: Tensor) -> Tensor:
            whole = torch.cat([prompts, response.expand(len(prompts), -1, -1)], 1).to(self._network.dtype)
            states = body(self._network)(inputs_embeds=whole, use_cache=False).last_hidden_state
            logits = (states[:, row.start - 1 : -1] @ matrix.T.to(states.dtype)).float()
            told = logits.log_softmax(-1).gather(-1, targets.expand(len(prompts), -1)[..., None])
            mean: Tensor = told[..., 0].mean(-1, keepdim=True)
            return mean

        return forward
