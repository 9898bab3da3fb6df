"""What happened to one patient's model: every update, refusal and return, none of them ever erased."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from stillroom.export.onnx.bundle import OnnxBundle
from stillroom.export.onnx.personal.adapter import POPULATION, Adapter
from stillroom.types import ExportError, Settings
from stillroom.types.files import fingerprint, write_json

HISTORY_FILE = "history.json"


class Entry(Settings):
    """One event, and the shift that is in force after it."""

    number: int = Field(ge=1, description="counted from 1")
    kind: Literal["update", "refusal", "rollback"]
    reason: str = Field(description="why, in a line")
    hour: float = Field(description="hours since the stay began")
    labels: int = Field(default=0, description="labels of the patient's own that were known")
    risk_locked: float | None = Field(
        default=None, description="log loss of the locked model on judged hours"
    )
    risk_adapted: float | None = Field(
        default=None, description="that of the update, which had not seen them"
    )
    bias: float
    weights: tuple[float, ...] = ()
    before: str = Field(description="SHA-256 of the entry before; of the first, empty")

    @property
    def adapter(self) -> Adapter:
        """What is in force."""
        return Adapter(self.bias, self.weights)


class History(Settings):
    """The events of one patient's model, chained by their hashes.

    Attributes:
        bundle: SHA-256 of the bundle that it belongs to.
        entries: from the first to the last.
    """

    format: Literal[1] = 1
    bundle: str
    entries: tuple[Entry, ...] = ()

    @property
    def adapter(self) -> Adapter:
        """What is in force now; the population's model before any event."""
        return self.entries[-1].adapter if self.entries else POPULATION

    @property
    def last(self) -> str:
        """SHA-256 of the last entry; empty where there is none."""
        return _hash(self.entries[-1]) if self.entries else ""

    def grown(self, entry: Entry) -> History:
        """The history with one event more."""
        return self.model_copy(update={"entries": (*self.entries, entry)})

    def rolled_back(self, number: int) -> History:
        """Return to what was in force after an entry; 0 is the population's model.

        Raises:
            ExportError: there is no such entry.
        """
        if not 0 <= number <= len(self.entries):
            raise ExportError(
                f"entry {number} of {len(self.entries)}",
                "0, or the number of an entry",
                "run `stillroom personalise show`",
            )
        to = self.entries[number - 1].adapter if number else POPULATION
        return self.grown(
            Entry(
                number=len(self.entries) + 1,
                kind="rollback",
                reason=f"to entry {number}" if number else "to the population's model",
                hour=self.entries[-1].hour if self.entries else 0.0,
                bias=to.bias,
                weights=to.weights,
                before=self.last,
            )
        )

    def save(self, folder: Path) -> None:
        """Write it down, private, whole or not at all."""
        write_json(folder / HISTORY_FILE, self.model_dump(mode="json"))


def read_history(folder: Path, bundle: OnnxBundle) -> History:
    """Read a patient's history; a folder without one begins anew.

    Raises:
        ExportError: it is damaged, was changed, or belongs to another bundle.
    """
    path = folder / HISTORY_FILE
    if not path.exists():
        return History(bundle=bundle.fingerprint)
    try:
        history = History.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise ExportError(
            f"{path} cannot be read", "the file as it was written", "begin in a new folder"
        ) from error
    if history.bundle != bundle.fingerprint:
        raise ExportError(
            f"{path} belongs to another bundle than {bundle.manifest.name!r}",
            "the bundle that it was begun with",
            "begin in a new folder",
        )
    _require_chain(history, path)
    return history


def _require_chain(history: History, path: Path) -> None:
    before = ""
    for number, entry in enumerate(history.entries, 1):
        if entry.before != before or entry.number != number:
            raise ExportError(
                f"entry {number} of {path} does not follow the one before",
                "entries as they were written",
                "begin in a new folder: what is in force cannot be trusted",
            )
        before = _hash(entry)


def _hash(entry: Entry) -> str:
    return fingerprint(entry.model_dump(mode="json"))
