"""A corpus from a file of the user's own."""

from stillroom.data.file.build import build

__all__ = ["build"]
