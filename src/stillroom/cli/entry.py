"""Where a command starts, and how it ends: a result, or one line and an exit code."""

from __future__ import annotations

import errno
import sys
from typing import NoReturn

from stillroom.recipes.offline import go_offline
from stillroom.types import StillroomError
from stillroom.types.kernels import keep_few_kernels

FAILED = 1
INTERRUPTED = 130
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_OUT_OF_MEMORY = "can't allocate memory"


def main() -> NoReturn:
    """Run the command line.

    Exit codes: 0 done, 1 a problem that is told in one line on standard error, 2 wrong usage, 3 a gate failed and 4 a
    gate is not demonstrated (both of ``stillroom validate`` alone), 130 interrupted.
    """
    go_offline()
    keep_few_kernels()
    from stillroom.cli.app import app

    try:
        app()
    except StillroomError as error:
        _end(str(error), FAILED)
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            _interrupted()
        raise
    except (MemoryError, OSError, RuntimeError) as error:
        _end(_shortage(error), FAILED)
    sys.exit(0)


def _interrupted() -> NoReturn:
    _end("stopped. Run the same command again to go on from here", INTERRUPTED)


def _shortage(error: BaseException) -> str:
    """Say that disk or memory ran out; anything else is a defect and keeps its traceback."""
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return "the disk is full; expected room for the run. To fix: free some space or choose another --runs"
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY in str(error):
        return "out of memory; expected room for one pass. To fix: halve train.tokens_per_pass and run again"
    raise error


def _end(line: str, code: int) -> NoReturn:
    sys.stderr.write(f"stillroom: {line}\n")
    sys.exit(code)
