"""Step after step: learn, measure, keep."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path

from stillroom.train.allocator import SteadyMemory
from stillroom.train.best import best_step, has_stopped_falling, is_best, keep_best, restore_best
from stillroom.train.checkpoint import load_checkpoint, save_checkpoint, training_state
from stillroom.train.curriculum import Lesson
from stillroom.train.engine import Engine, Pass
from stillroom.train.rounding import bits_at, rounded
from stillroom.train.schedule import learning_rate
from stillroom.train.settings import TrainSettings
from stillroom.train.steps import cut, lesson_rows
from stillroom.train.watch import SKIPPED, check_divergence, check_skipped, name_rows
from stillroom.train.weights import trained_tensors
from stillroom.types import TrainError
from stillroom.types.record import VALIDATION, Point, TrainRecord
from stillroom.types.row import Row

Report = Callable[[int, Mapping[str, float]], None]


class Loop:
    """One training under way.

    Args:
        engine: the module, its optimiser and the processes.
        settings: budget and optimiser.
        tokens_per_pass: most tokens of a pass.
        seed: order of the rows, and every random draw.
        work: folder of the checkpoints.
        key: identifies the run.
    """

    def __init__(
        self,
        engine: Engine,
        settings: TrainSettings,
        *,
        tokens_per_pass: int,
        seed: int,
        work: Path,
        key: str,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._budget = engine.pass_budget(settings, tokens_per_pass)
        self._seed, self._work, self._key = seed, work, key
        self._points: list[Point] = []
        self._tokens = 0
        self._started = self._saved = time.monotonic()

    def run(
        self,
        rows: Sequence[Row],
        names: Sequence[str],
        validation: Sequence[Row],
        report: Report,
        lessons: Sequence[Lesson] = (),
    ) -> TrainRecord:
        """Take the steps that are left, and end with the best weights where early stopping wants them.

        Args:
            rows: training rows.
            names: what to call each of them.
            validation: rows whose losses are measured along the way.
            report: is told steps done and their figures.
            lessons: which rows are learned from, and until when; all of them always by default.
        """
        called = {id(row): name for row, name in zip(rows, names, strict=True)}
        self._resume()
        checks = cut(validation, self._budget, packing=self._settings.packing)
        steps = lesson_rows(
            rows,
            lessons,
            self._settings.steps,
            tokens_per_step=self._settings.tokens_per_step,
            seed=self._seed,
            packing=self._settings.packing,
        )
        memory = SteadyMemory()
        for chosen in islice(steps, len(self._points), self._settings.steps):
            if has_stopped_falling(self._points, self._settings.early_stopping):
                break
            step = len(self._points)
            learned = self._engine.rewritten(chosen, (self._seed, step), step, self._settings.steps)
            point = self._learn(cut(learned, self._budget, packing=self._settings.packing))
            self._points.append(self._validated(point, checks))
            self._tokens += sum(row.size for row in learned)
            self._watch(chosen, called)
            self._tell(report)
            self._save()
            memory.after_step()
        self._end()
        return self._record()

    def _resume(self) -> None:
        done = load_checkpoint(self._work, self._key, self._engine.learner, self._engine.optimizer)
        # The first process may write a checkpoint only when all have read theirs.
        self._engine.accelerator.wait_for_everyone()
        if done is not None:
            self._points, self._tokens = list(done.points), done.tokens
            self._started -= done.seconds

    def _learn(self, passes: Sequence[Pass]) -> Point:
        """Update the weights once, unless the loss or its gradient is not finite."""
        step = len(self._points)
        rate = learning_rate(step, self._settings)
        self._engine.learner.advance(step, self._settings.steps)
        with rounded(self._engine.learner.network, self._bits(step)):
            figures = self._engine.learn(passes, seed=(self._seed, step))
        norm = self._engine.clip(self._settings.max_grad_norm)
        if math.isfinite(figures["loss"]) and math.isfinite(norm):
            self._engine.update(rate)
            moving = self._engine.learner.moving
            return Point(step + 1, {**figures, **moving, "grad_norm": norm, "learning_rate": rate})
        self._engine.optimizer.zero_grad()
        return Point(step + 1, {SKIPPED: 1.0, "learning_rate": rate})

    def _validated(self, point: Point, checks: Sequence[Pass]) -> Point:
        """Add the validation losses where it is time for them."""
        every = max(1, round(self._settings.evaluate_every_share * self._settings.steps))
        if not checks or (point.step % every and point.step != self._settings.steps):
            return point
        # At the schedules' end, whatever the step, so that validation losses can be compared.
        self._engine.learner.advance(self._settings.steps - 1, self._settings.steps)
        with rounded(self._engine.learner.network, self._bits(self._settings.steps - 1)):
            figures = self._engine.measure(checks)
        measured = {f"{VALIDATION}{name}": value for name, value in figures.items()}
        if not all(math.isfinite(value) for value in measured.values()):
            raise TrainError(
                f"the validation loss after step {point.step} is not finite",
                "a finite loss",
                "lower `learning_rate`",
            )
        return Point(point.step, {**point.figures, **measured})

    def _bits(self, step: int) -> int | None:
        return bits_at(self._settings.rounding, step, self._settings.steps)

    def _watch(self, chosen: Sequence[Row], names: Mapping[int, str]) -> None:
        """Stop a training that goes wrong; keep the weights of one that goes well."""
        point, early = self._points[-1], self._settings.early_stopping
        if SKIPPED in point.figures:
            if self._engine.is_main:
                name_rows(self._work, point.step, chosen, names)
            check_skipped(self._points, self._work, self._settings.max_skipped_steps)
        check_divergence(self._points, self._settings.divergence_guard)
        if early is not None and is_best(self._points, early):
            weights = self._engine.gather(trained_tensors(self._engine.learner))
            if self._engine.is_main:
                keep_best(self._work, self._key, weights, point.step)

    def _tell(self, report: Report) -> None:
        point = self._points[-1]
        if self._engine.is_main:
            speed = self._tokens / (time.monotonic() - self._started)
            report(point.step, {**point.figures, "tokens_per_second": speed, **self._engine.device_memory()})
        self._engine.accelerator.log(dict(point.figures), step=point.step)

    def _save(self) -> None:
        due = time.monotonic() - self._saved > self._settings.checkpoint_seconds
        if not self._engine.first_says(due):
            return
        state = self._engine.gather(training_state(self._engine.learner, self._engine.optimizer))
        if self._engine.is_main:
            save_checkpoint(self._work, self._key, state, self._record(), self._settings.keep_checkpoints)
        self._saved = time.monotonic()

    def _end(self) -> None:
        early = self._settings.early_stopping
        if early is not None and best_step(self._points, early):
            self._engine.accelerator.wait_for_everyone()
            restore_best(self._work, self._key, self._engine.learner)
        self._engine.hand_back()

    def _record(self) -> TrainRecord:
        seconds = time.monotonic() - self._started
        return TrainRecord(len(self._points), self._tokens, seconds, tuple(self._points))
