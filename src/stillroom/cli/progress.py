"""Progress as a live view on a terminal, as plain lines elsewhere; both with the time left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from stillroom.cli.lines import Lines
from stillroom.cli.view import View
from stillroom.types import Progress, silent

_REDRAWS_PER_SECOND = 4


@contextmanager
def shown_progress(console: Console | None = None) -> Iterator[Progress]:
    """Show progress on the console for as long as the context lasts.

    Of several processes that a launcher started, only the first one shows it.
    """
    console = console or Console(stderr=True, highlight=False, soft_wrap=True)
    if os.environ.get("RANK", "0") != "0":
        yield silent
    elif not console.is_terminal:
        yield Lines(lambda line: console.print(line, markup=False))
    else:
        from stillroom.types.memory import resident_bytes

        view = View(resident_bytes, console.print)
        with Live(view, console=console, refresh_per_second=_REDRAWS_PER_SECOND):
            yield view
