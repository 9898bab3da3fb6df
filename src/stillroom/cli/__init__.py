"""The command line: parses, calls, prints. What it calls lives in the rooms below."""

from stillroom.cli.entry import main

__all__ = ["main"]
