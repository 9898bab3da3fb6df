"""What every bedside task's block of settings holds."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from stillroom.types import Settings


class FolderSettings(Settings):
    """Data in a folder of the user's."""

    folder: Path = Field(description="folder that holds the data; it is read and never copied whole")

    @property
    def place(self) -> Path:
        """Where the data lie."""
        return self.folder.expanduser()
