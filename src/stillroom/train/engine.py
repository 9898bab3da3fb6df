"""The module, its optimiser and the processes that share its steps."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin, broadcast_object_list
from torch import Tensor, nn

from stillroom.models.decoder import decoder_layers
from stillroom.models.precision import resolve_precision
from stillroom.train.learning import Learning, StepLoss
from stillroom.train.settings import TrainSettings
from stillroom.train.sharding import gathered, whole
from stillroom.train.steps import share
from stillroom.train.trackers import tracker_names
from stillroom.train.weights import trained_tensors
from stillroom.types import TrainError
from stillroom.types.row import Row

Pass = tuple[Row, ...]
Collate = Callable[[Sequence[Any]], Any]
"""From rows to a batch that moves to a device by ``to``."""


@dataclass(frozen=True, slots=True)
class Engine:
    """What one step needs.

    Attributes:
        accelerator: device, precision and the other processes.
        module: the learner as the accelerator wrapped it; losses are computed in its forward pass.
        learner: the bare learner.
        optimizer: over everything in it that learns.
        original: the network that was given, where processes train a divided copy of it; None where they do not.
        collate: makes a batch of rows.
    """

    accelerator: Accelerator
    module: nn.Module
    learner: Learning
    optimizer: torch.optim.Optimizer
    original: nn.Module | None
    collate: Collate

    @classmethod
    def prepare(cls, learner: Learning, settings: TrainSettings, logs: Path, collate: Collate) -> Engine:
        """Place the learner on its device and join the other processes, if a launcher started any.

        Args:
            learner: the network and its objective.
            settings: precision, optimiser and trackers.
            logs: folder of the trackers' files.
            collate: makes a batch of rows.

        Raises:
            TrainError: weights are to be divided that cannot be, or in a way that is not known.
        """
        _check_sharding()
        half = resolve_precision(settings.precision) == torch.bfloat16
        # Accelerate keeps one precision for the life of a process; a teacher and its student may want two.
        AcceleratorState._reset_state()
        accelerator = Accelerator(
            mixed_precision="bf16" if half else "no",
            cpu=not torch.cuda.is_available(),
            log_with=tracker_names(settings.trackers),
            project_dir=logs,
        )
        _divide_on_processors(accelerator)
        original = _copied(learner, settings, accelerator) if accelerator.is_fsdp2 else None
        optimizer = _optimizer(learner, settings)
        module, _ = accelerator.prepare(learner.train(), optimizer)
        return cls(accelerator, module, learner, optimizer, original, collate)

    @property
    def _half(self) -> bool:
        return str(self.accelerator.mixed_precision) == "bf16"

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and reports progress."""
        return bool(self.accelerator.is_main_process)

    def device_memory(self) -> Mapping[str, float]:
        """Most bytes of tensors on the GPU so far; nothing on a processor."""
        device = self.accelerator.device
        if device.type != "cuda":
            return {}
        return {"device_memory_bytes": float(torch.cuda.max_memory_allocated(device))}

    def pass_budget(self, settings: TrainSettings, tokens_per_pass: int) -> int:
        """Tokens of a pass, such that every process has one in a full step."""
        ranks: int = self.accelerator.num_processes
        return min(tokens_per_pass, max(1, settings.tokens_per_step // ranks))

    def rewritten(self, rows: Pass, seed: Sequence[int], step: int, steps: int) -> Pass:
        """A step's rows as the learner would have them; the same in every process."""
        if not self.learner.rewrites:
            return rows
        mixed: list[Pass] = [rows]
        if self.is_main:
            with self.accelerator.autocast():
                mixed = [self.learner.rewritten(rows, seed, step, steps)]
        return list[Pass](broadcast_object_list(mixed))[0]

    def learn(self, passes: Sequence[Pass], seed: Sequence[int]) -> Mapping[str, float]:
        """Leave in ``.grad`` the gradient of the mean over the units of all passes, of all processes.

        Args:
            passes: the rows of one step, the same in every process.
            seed: of the step; the draws of a pass depend on it and on the pass, not on the process.

        Returns:
            The objective (``loss``) and its terms, per unit.
        """
        ranks = self.accelerator.num_processes
        mine = share(passes, self.accelerator.process_index, ranks)
        count, sums = units(passes), []
        for index, (rows, weight) in enumerate(mine):
            torch.manual_seed(_pass_seed(seed, index * ranks + self.accelerator.process_index))
            batch = self._batch(rows)
            with self._meeting(last=index == len(mine) - 1), self.learner.kernels(batch, half=self._half):
                losses = self._forward(batch)
                # Wrapped modules average gradients over processes; the sum is wanted.
                self.accelerator.backward(losses.total / count * (weight * ranks))
            sums.append(_weighted(losses, weight))
        return self._means(losses.terms, sums, count)

    @torch.no_grad()
    def measure(self, passes: Sequence[Pass]) -> Mapping[str, float]:
        """Means over the passes' units, normalised as in :meth:`learn`, without dropout."""
        self.module.eval()
        mine = share(passes, self.accelerator.process_index, self.accelerator.num_processes)
        losses = [self._forward(self._batch(rows)) for rows, _ in mine]
        self.module.train()
        sums = [_weighted(loss, weight) for loss, (_, weight) in zip(losses, mine, strict=True)]
        return self._means(losses[0].terms, sums, units(passes))

    def rehearse(self, rows: Sequence[Row]) -> None:
        """Do the work of one pass and forget its result, without the other processes."""
        losses = self.learner(self._batch(rows))
        losses.total.backward()
        self.optimizer.zero_grad()

    def first_says(self, wanted: bool) -> bool:
        """Whether to save now: the first process decides, and where weights are divided, all have to help."""
        if self.original is None:
            return wanted and self.is_main
        said: list[bool] = broadcast_object_list([wanted])
        return said[0]

    def gather(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Whole tensors in the first process, nothing in the others; all call this where weights are divided."""
        return gathered(tensors, keep=self.is_main)

    @torch.no_grad()
    def hand_back(self) -> None:
        """Put the present weights into the network that was given, in every process."""
        if self.original is None:
            return
        trained = trained_tensors(self.learner.network)
        for name, tensor in trained_tensors(self.original).items():
            tensor.copy_(whole(trained[name]))

    def clip(self, max_norm: float) -> float:
        """Scale the gradient down to a global norm; return the norm it had."""
        return float(self.accelerator.clip_grad_norm_(self.module.parameters(), max_norm))

    def update(self, learning_rate: float) -> None:
        """Take one step of the optimiser and clear the gradient."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.learner.updated()

    def _forward(self, batch: Any) -> StepLoss:
        losses: StepLoss = self.module(batch)
        return losses

    def _batch(self, rows: Sequence[Row]) -> Any:
        return self.collate(rows).to(self.accelerator.device)

    def _meeting(self, *, last: bool) -> AbstractContextManager[None]:
        """Exchange gradients in the last pass only; in every pass where no process is to hold all of them."""
        if last or self.original is not None:
            return nullcontext()
        context: AbstractContextManager[None] = self.accelerator.no_sync(self.module)
        return context

    def _means(self, terms: Iterable[str], sums: list[Tensor], count: int) -> Mapping[str, float]:
        """Add up passes and processes; the device is waited for once, here."""
        totals: list[float] = self.accelerator.reduce(torch.stack(sums).sum(0), reduction="sum").tolist()
        return {name: total / count for name, total in zip(("loss", *terms), totals, strict=True)}


def _check_sharding() -> None:
    """Refuse ways of dividing weights whose steps and states are not this engine's to take and keep."""
    other = "DeepSpeed" if os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true" else None
    if os.environ.get("ACCELERATE_USE_FSDP") == "true" and os.environ.get("FSDP_VERSION") != "2":
        other = f"FSDP {os.environ.get('FSDP_VERSION', '1')}"
    if other:
        raise TrainError(
            f"a launch with {other}",
            "FSDP2, or whole weights in every process",
            "launch with the file that `stillroom sharding fsdp2` names",
        )


def _divide_on_processors(accelerator: Accelerator) -> None:
    """Turn FSDP2 on where it is wanted and there is no GPU; Accelerate, unlike PyTorch, knows it on GPUs only."""
    wanted = os.environ.get("ACCELERATE_USE_FSDP") == "true"
    if wanted and accelerator.distributed_type == DistributedType.MULTI_CPU:
        accelerator.state.fsdp_plugin = FullyShardedDataParallelPlugin()
        accelerator.state.distributed_type = DistributedType.FSDP


def _copied(learner: Learning, settings: TrainSettings, accelerator: Accelerator) -> nn.Module:
    """Let the learner train a copy of its network, which FSDP2 divides layer by layer for good; return the network."""
    if settings.lora is not None and settings.lora.base != "float32":
        raise TrainError(
            "weights divided among processes, and `train.lora.base`", "whole weights", "leave --sharding out"
        )
    original: nn.Module = learner.network
    learner.network = copy.deepcopy(original)
    kinds = {type(layer).__name__ for layer in decoder_layers(original)}
    accelerator.state.fsdp_plugin.transformer_cls_names_to_wrap = sorted(kinds)
    return original


def units(passes: Sequence[Pass]) -> int:
    """Losses that a step carries: its divisor, whatever passes and processes it was split into."""
    return sum(row.units for rows in passes for row in rows)


def _weighted(losses: StepLoss, weight: float) -> Tensor:
    return torch.stack([losses.total.detach(), *losses.terms.values()]).double() * weight


def _pass_seed(seed: Sequence[int], index: int) -> int:
    return int(np.random.default_rng([*seed, index]).integers(2**63))


def _optimizer(learner: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    learning = [p for p in learner.parameters() if p.requires_grad]
    groups: list[dict[str, list[Tensor] | float]] = [
        {"params": [p for p in learning if p.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [p for p in learning if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=settings.learning_rate, betas=settings.betas, eps=settings.epsilon, fused=True
    )
