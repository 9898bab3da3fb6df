"""The stages of a run as its other processes see them: made elsewhere, or trained together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stillroom.recipes.link import Message
from stillroom.recipes.record import StageRecord
from stillroom.recipes.stages import Join, Make, Stage, key_of
from stillroom.types import StorageError


class FollowedStages:
    """Goes through the same stages as :class:`~stillroom.recipes.stages.Stages`, and writes nothing.

    Args:
        run_dir: the run's folder, the same for all processes.
        hear: waits for what the first process tells.
    """

    def __init__(self, run_dir: Path, hear: Callable[[], Message]) -> None:
        self.run_dir = run_dir
        self.finished: list[Stage] = []
        self._hear = hear

    def run(
        self,
        name: str,
        inputs: Mapping[str, Any],
        make: Make,
        *,
        parents: Sequence[Stage] = (),
        folder: str | None = None,
        needs_bytes: int = 0,
        join: Join | None = None,
    ) -> Stage:
        """Wait until the first process has the stage, and take part where it is made by all.

        Raises:
            StorageError: the first process went another way, or the folder does not hold what it made.
        """
        message = self._hear()
        if "work" in message:
            self._same(name, key_of(name, inputs, parents), message)
            if join:
                join(Path(message["work"]))
            message = self._hear()
        record = StageRecord.from_dict(message["record"])
        self._same(name, key_of(name, inputs, parents), {"stage": record.stage, "key": record.key})
        stage = Stage(record, Path(message["path"]), reused=message["reused"])
        self.finished.append(stage)
        return stage

    def note(self, stage: str, event: str, figures: Mapping[str, Any]) -> None:
        """Leave the diary to the first process."""

    def _same(self, name: str, key: str, message: Message) -> None:
        if (name, key) != (message["stage"], message["key"]):
            raise StorageError(
                f"stage {name!r} has key {key[:8]}; the first process has {message['stage']!r} with "
                f"{message['key'][:8]}",
                "the same recipe, folder and version of stillroom in every process",
                "start all processes with the same command, on one shared folder",
            )
