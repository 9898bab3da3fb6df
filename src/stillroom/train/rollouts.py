"""Responses that the student writes itself, for its teacher to judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from stillroom.losses import Schedule
from stillroom.train.objective import OnPolicySettings
from stillroom.train.schedule import schedule_of
from stillroom.types import Encoded

_PAD = -1


class Sampling(NamedTuple):
    """How responses are drawn: the temperature of the distribution, and the longest response in tokens."""

    temperature: float
    max_new_tokens: int


class Rollouts(nn.Module):
    """Puts the student's own responses in the place of some of a step's.

    Which rows, and what is drawn for them, depends on the seed, the step and the student alone. Rows kept for replay
    are buffers of this module, so a checkpoint holds them.

    Args:
        settings: the recipe's ``objective.on_policy``.
        rows: the training rows; they bound the length of a response.
        end: id of the token that ends a response.

    Source: Agarwal et al. 2024 (arXiv:2306.13649), algorithm 1; replay as in Ko et al. 2024 (arXiv:2402.03898).
    """

    def __init__(self, settings: OnPolicySettings, rows: Sequence[Encoded], end: int) -> None:
        super().__init__()
        self._settings, self._end = settings, end
        self._share: Schedule = schedule_of(settings.share)
        self._fresh: Schedule = schedule_of(1.0 if settings.replay is None else settings.replay.fresh)
        capacity = 0 if settings.replay is None else settings.replay.rows
        longest = max(row.start for row in rows) + settings.max_new_tokens
        self.kept: Tensor
        self.register_buffer("kept", torch.full((capacity, longest), _PAD, dtype=torch.int32))
        self.starts: Tensor
        self.register_buffer("starts", torch.zeros(capacity, dtype=torch.int32))
        self.written: Tensor
        self.register_buffer("written", torch.zeros((), dtype=torch.int64))

    def mix(
        self, network: nn.Module, rows: Sequence[Encoded], seed: Sequence[int], step: int, steps: int
    ) -> tuple[Encoded, ...]:
        """Replace the responses of a share of the rows.

        Args:
            network: the student; it samples without dropout and is left in the mode it had.
            rows: rows of the step.
            seed: of the step.
            step: the step, counted from 0.
            steps: steps of the run.

        Returns:
            As many rows; those that the student wrote have ``labelled`` false.
        """
        random = np.random.default_rng([*seed, 1])
        chosen = random.random(len(rows)) < self._share.at(step, steps)
        fresh = random.random(len(rows)) < self._fresh.at(step, steps)
        if not int(self.written):
            fresh[:] = True
        asked = [index for index in range(len(rows)) if chosen[index] and fresh[index]]
        new = dict(zip(asked, self._write(network, [rows[index] for index in asked], random), strict=True))
        mixed = [
            new.get(index, self._recall(random) if chosen[index] and not fresh[index] else row)
            for index, row in enumerate(rows)
        ]
        self._keep(list(new.values()))
        return tuple(mixed)

    def _write(
        self, network: nn.Module, rows: Sequence[Encoded], random: np.random.Generator
    ) -> list[Encoded]:
        if not rows:
            return []
        prompts = [row.ids[: row.start] for row in rows]
        sampling = Sampling(self._settings.temperature, self._settings.max_new_tokens)
        responses = sample(network, prompts, self._end, sampling, int(random.integers(2**62)))
        return [
            replace(row, ids=np.concatenate([prompt, response]), labelled=False, doubted=None)
            for row, prompt, response in zip(rows, prompts, responses, strict=True)
        ]

    def _recall(self, random: np.random.Generator) -> Encoded:
        place = int(random.integers(min(int(self.written), len(self.kept))))
        ids = self.kept[place].cpu().numpy().astype(np.int64)
        return Encoded(ids[ids != _PAD], int(self.starts[place]), labelled=False)

    def _keep(self, rows: Sequence[Encoded]) -> None:
        if not len(self.kept):
            return
        for row in rows:
            place = int(self.written) % len(self.kept)
            self.kept[place] = _PAD
            self.kept[place, : len(row.ids)] = torch.from_numpy(row.ids)
            self.starts[place] = row.start
            self.written += 1


@torch.no_grad()
def sample(
    network: Any, prompts: Sequence[NDArray[np.int64]], end: int, sampling: Sampling, seed: int
) -> list[NDArray[np.int64]]:
    """Draw one response for each prompt, its end token included unless it grew too long.

    Args:
        network: a causal language model.
        prompts: token ids.
        end: id of the token that ends a response.
        sampling: how they are drawn.
        seed: of the draws.
    """
    width = max(map(len, prompts))
    ids = torch.tensor([[end] * (width - len(prompt)) + prompt.tolist() for prompt in prompts])
    seen = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    training = network.training
    with torch.random.fork_rng([network.device] if network.device.type == "cuda" else []):
        torch.manual_seed(seed)
        output = network.eval().generate(
            ids.to(network.device),
            attention_mask=seen.to(network.device),
            max_new_tokens=sampling.max_new_tokens,
            do_sample=True,
            temperature=sampling.temperature,
            top_k=0,
            top_p=1.0,
            eos_token_id=end,
            pad_token_id=end,
        )
    network.train(training)
    return [_until(row, end) for row in output[:, width:].cpu().numpy()]


def _until(ids: NDArray[np.int64], end: int) -> NDArray[np.int64]:
    """Ids up to the first end token, and with it."""
    ends = np.flatnonzero(ids == end)
    return ids[: ends[0] + 1] if len(ends) else ids
