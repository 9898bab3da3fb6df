"""The processes of a run that a launcher started: the first decides, writes and tells; the others follow.

They talk over connections of their own, beside PyTorch's: the next thing to do may be hours away, and no time limit
tells a long stage from a dead process, while a connection that breaks does. So no process waits for one that is gone,
and one line, from the first process, says what ended them all.
"""

from __future__ import annotations

import _thread
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import NoReturn

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from stillroom.recipes.launch import FAILED, number_of_processes
from stillroom.recipes.link import Door, Link, Message
from stillroom.types import StillroomError

# A loss that is not finite is so for all; then the first process tells it as its own.
_SECONDS_TO_FAIL_ALIKE = 0.5
_SECONDS_TO_UNWIND = 2.0
_SECONDS_TO_SAY_IT = 10.0
# PyTorch's own limit must not be the one that bites: death is told by the connections below.
_LONGEST_EXCHANGE = timedelta(days=7)


class Leader:
    """The first process, or the only one."""

    def __init__(self, links: Mapping[int, Link] | None = None) -> None:
        """Watch the others from now on."""
        self._links = links or {}
        self._lock = Lock()
        self._over = False
        self._lost = Event()
        for number, link in self._links.items():
            Thread(target=self._watch, args=(number, link), daemon=True).start()

    def tell(self, message: Message) -> None:
        """Tell all others."""
        for link in self._links.values():
            link.send(message)

    def leave(self) -> None:
        """Let the others go."""
        self._over = True
        self.tell({"over": True})

    def failed(self, error: BaseException) -> None:
        """Tell the others that this process ends with an error; say nothing more where one of them was the cause.

        Raises:
            SystemExit: another process was the cause, and its line is told.
        """
        # A broken exchange of tensors is often the first sign of a process that is gone.
        if self._links and not isinstance(error, StillroomError | KeyboardInterrupt):
            self._lost.wait(_SECONDS_TO_UNWIND)
        with self._lock:
            self._over = True
        self.end_if_lost()
        self.tell({"failed": True})

    def end_if_lost(self) -> None:
        """End this process where another one was the cause, whose line is told.

        Raises:
            SystemExit: another process was the cause.
        """
        if self._lost.is_set():
            raise SystemExit(FAILED) from None

    def _watch(self, number: int, link: Link) -> None:
        message = link.receive()
        if message is not None:
            time.sleep(_SECONDS_TO_FAIL_ALIKE)
        with self._lock:
            if self._over:
                return
            self._over = True
            self._lost.set()
            _say(_told_by(number, message))
            _thread.interrupt_main()
        time.sleep(_SECONDS_TO_UNWIND)  # an exchange with the lost process may never return
        os._exit(FAILED)


class Follower:
    """Another process than the first. It writes nothing."""

    def __init__(self, link: Link, number: int) -> None:
        """Listen to the first process from now on."""
        self._link = link
        self._number = number
        self._heard: SimpleQueue[Message] = SimpleQueue()
        self._handed_over = False
        self._gone = Event()
        Thread(target=self._listen, daemon=True).start()

    def hear(self) -> Message:
        """Wait for the next message of the first process, however long it takes."""
        return self._heard.get()

    def failed(self, error: BaseException) -> None:
        """Hand an error over to the first process, which says it in a line.

        Raises:
            SystemExit: the line is told; an error that is a defect goes on to show where it was.
        """
        if isinstance(error, StillroomError):
            self._hand_over(str(error))
            raise SystemExit(FAILED) from None
        if isinstance(error, KeyboardInterrupt):
            self._handed_over = True
            self._gone.wait(_SECONDS_TO_SAY_IT)
            raise SystemExit(FAILED) from None
        time.sleep(_SECONDS_TO_UNWIND)  # the listener ends this process if the first one is gone
        self._hand_over(f"ended with {type(error).__name__}")

    def _hand_over(self, line: str) -> None:
        self._handed_over = True
        self._link.send({"failed": line})
        # A launcher ends all processes when one ends; the first one has something to say before.
        self._gone.wait(_SECONDS_TO_SAY_IT)

    def _listen(self) -> None:
        while (message := self._link.receive()) is not None:
            if "failed" in message:
                os._exit(FAILED)
            self._heard.put(message)
            if "over" in message:
                return
        self._gone.set()
        if not self._handed_over:
            self._first_is_gone()

    def _first_is_gone(self) -> NoReturn:
        if self._number == 1:
            _say("the first process of the run is gone. Run the same command again to go on from here")
        os._exit(FAILED)


@contextmanager
def joined() -> Iterator[Leader | Follower]:
    """Take part in a run, with the processes that a launcher started, if it started any.

    An error of any process ends all of them.
    """
    processes = _join()
    try:
        try:
            yield processes
        except BaseException as error:
            processes.failed(error)
            raise
        if isinstance(processes, Leader):
            processes.leave()
    except KeyboardInterrupt:
        # The word that a process is gone may come while the exchange which that broke is being told of.
        if isinstance(processes, Leader):
            processes.end_if_lost()
        raise


def _join() -> Leader | Follower:
    if number_of_processes() == 1:
        return Leader()
    state = _state()
    host = os.environ.get("MASTER_ADDR", "127.0.0.1")
    door = Door(host) if state.process_index == 0 else None
    port, token = broadcast_object_list([door.port, door.token] if door else [None, None])
    if door:
        return Leader(door.links(range(1, state.num_processes)))
    hello = {"process": state.process_index, "token": token}
    return Follower(Link.to(host, port, hello), state.process_index)


def _state() -> PartialState:
    """Meet the other processes. Accelerate would divide the cores now; they are shared while all train."""
    threads = torch.get_num_threads()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="OMP_NUM_THREADS/MKL_NUM_THREADS unset")
        state = PartialState(cpu=not torch.cuda.is_available(), timeout=_LONGEST_EXCHANGE)
    torch.set_num_threads(threads)
    return state


def _told_by(number: int, message: Message | None) -> str:
    if message is None:
        return f"process {number} of the run is gone. Run the same command again to go on from here"
    return f"process {number}: {message['failed']}"


def _say(line: str) -> None:
    sys.stderr.write(f"stillroom: {line}\n")
    sys.stderr.flush()
