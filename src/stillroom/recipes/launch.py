"""Several processes of one run on this machine, without a launcher."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Thread

from stillroom.types import RecipeError

FAILED = 1
_LOOPBACK = "127.0.0.1"
_SECONDS_TO_END = 15.0
_SECONDS_TO_SAY_IT = 5.0


def number_of_processes() -> int:
    """How many processes a launcher started."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Whether this is the process that writes and prints."""
    return int(os.environ.get("RANK", "0")) == 0


@contextmanager
def launched(processes: int | None, command: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """Make this process the first of several; the others run the same command and end with this one.

    A process that a launcher started already has its place, and nothing is started.

    Args:
        processes: how many there are in all; None for those that a launcher started, or this one alone.
        command: what the others run.
        environment: variables for all of them, such as those of a sharding.

    Raises:
        RecipeError: a launcher started another number of processes.
    """
    if processes in (None, number_of_processes()):
        with _set(environment):
            yield
        return
    if "RANK" in os.environ:
        raise RecipeError(
            f"--processes is {processes} and a launcher started {number_of_processes()}",
            "one number of processes",
            "leave --processes out",
        )
    assert processes
    with _set({**environment, **_places(processes)}), _beside(processes, command):
        yield


@contextmanager
def _beside(processes: int, command: Sequence[str]) -> Iterator[None]:
    """Start the others, and end when one of them ended before all met; afterwards they tell each other."""
    over = Event()
    others = [
        subprocess.Popen(  # noqa: S603 (this program's own command)
            command, env={**os.environ, **_place(rank)}, stdin=subprocess.DEVNULL
        )
        for rank in range(1, processes)
    ]
    for other in others:
        Thread(target=_watch, args=(other, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        _end(others)


@contextmanager
def _set(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _places(processes: int) -> dict[str, str]:
    """What a launcher would say to the first."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        port = probe.getsockname()[1]
    number = str(processes)
    meeting = {"MASTER_ADDR": _LOOPBACK, "MASTER_PORT": str(port)}
    return {"WORLD_SIZE": number, "LOCAL_WORLD_SIZE": number, **meeting, **_place(0)}


def _place(rank: int) -> dict[str, str]:
    return {"RANK": str(rank), "LOCAL_RANK": str(rank)}


def _watch(other: subprocess.Popen[bytes], over: Event) -> None:
    code = other.wait()
    if not over.wait(_SECONDS_TO_SAY_IT):
        sys.stderr.write(f"stillroom: another process of the run ended with exit code {code}\n")
        os._exit(FAILED)


def _end(others: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait for the others, which end by themselves; end those that do not."""
    last = time.monotonic() + _SECONDS_TO_END
    for other in others:
        try:
            other.wait(max(0.0, last - time.monotonic()))
        except subprocess.TimeoutExpired:
            other.kill()
            other.wait()
